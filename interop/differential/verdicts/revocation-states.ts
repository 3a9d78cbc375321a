// What can be known of the revocation of a signing certificate, and from whom.

/** What the CA's database says about a certificate. */
export type DatabaseState = 'sound' | 'revoked' | 'on hold' | 'invalid since signing' | 'absent';

/** Services that a certificate can name. */
export const RESPONDERS = [
  'openssl',
  'openssl, enclosing its certificate',
  'openssl, delegated',
  'openssl, not for OCSP',
  'openssl, a stranger',
  'openssl, no next update',
  'expired answer',
  'try later',
  'not there',
] as const;

/** Lists that a certificate can name. */
export const LISTS = [
  'openssl',
  'openssl, expired',
  'openssl, of a stranger',
  'openssl, with delta',
  'openssl, with missing delta',
  'not there',
] as const;

/** What is known of a certificate. */
export interface RevocationState {
  readonly database: DatabaseState;
  readonly ocsp?: readonly (typeof RESPONDERS)[number][];
  readonly crl?: readonly (typeof LISTS)[number][];
  /** What the delta CRL says. */
  readonly delta?: 'revoked' | 'removed';
  /** What the root's responder says of the intermediate CA; without it, that one names none. */
  readonly issuer?: DatabaseState;
}

/** The states by name. */
export const REVOCATION_STATES: Readonly<Record<string, RevocationState>> = {
  'no service': { database: 'sound' },
  'OCSP good': { database: 'sound', ocsp: ['openssl'] },
  'OCSP revoked': { database: 'revoked', ocsp: ['openssl'] },
  'OCSP on hold': { database: 'on hold', ocsp: ['openssl'] },
  'OCSP invalid since signing': { database: 'invalid since signing', ocsp: ['openssl'] },
  'OCSP unknown': { database: 'absent', ocsp: ['openssl'] },
  'OCSP of a CA with its certificate': {
    database: 'sound',
    ocsp: ['openssl, enclosing its certificate'],
  },
  'OCSP delegated, good': { database: 'sound', ocsp: ['openssl, delegated'] },
  'OCSP delegated, revoked': { database: 'revoked', ocsp: ['openssl, delegated'] },
  'OCSP by a certificate not for OCSP': { database: 'sound', ocsp: ['openssl, not for OCSP'] },
  'OCSP by a stranger': { database: 'sound', ocsp: ['openssl, a stranger'] },
  'OCSP without next update': { database: 'sound', ocsp: ['openssl, no next update'] },
  'OCSP expired': { database: 'sound', ocsp: ['expired answer'] },
  'OCSP try later': { database: 'sound', ocsp: ['try later'] },
  'OCSP not there': { database: 'sound', ocsp: ['not there'] },
  'OCSP second responder': { database: 'revoked', ocsp: ['not there', 'openssl'] },
  'CRL good': { database: 'sound', crl: ['openssl'] },
  'CRL revoked': { database: 'revoked', crl: ['openssl'] },
  'CRL on hold': { database: 'on hold', crl: ['openssl'] },
  'CRL invalid since signing': { database: 'invalid since signing', crl: ['openssl'] },
  'CRL expired': { database: 'sound', crl: ['openssl, expired'] },
  'CRL of a stranger': { database: 'sound', crl: ['openssl, of a stranger'] },
  'CRL not there': { database: 'sound', crl: ['not there'] },
  'one of two CRLs not there': { database: 'sound', crl: ['openssl', 'not there'] },
  'CRL with delta, good': { database: 'sound', crl: ['openssl, with delta'] },
  'CRL with delta, revoked': {
    database: 'sound',
    crl: ['openssl, with delta'],
    delta: 'revoked',
  },
  'CRL with delta, removed': {
    database: 'on hold',
    crl: ['openssl, with delta'],
    delta: 'removed',
  },
  'CRL with missing delta': { database: 'sound', crl: ['openssl, with missing delta'] },
  'OCSP not there, CRL good': { database: 'sound', ocsp: ['not there'], crl: ['openssl'] },
  'OCSP unknown, CRL good': { database: 'absent', ocsp: ['openssl'], crl: ['openssl'] },
  'OCSP expired, CRL revoked': { database: 'revoked', ocsp: ['expired answer'], crl: ['openssl'] },
  'OCSP good, CRL not there': { database: 'sound', ocsp: ['openssl'], crl: ['not there'] },
  'issuer good': { database: 'sound', ocsp: ['openssl'], issuer: 'sound' },
  'issuer revoked': { database: 'sound', ocsp: ['openssl'], issuer: 'revoked' },
  'issuer unknown': { database: 'sound', ocsp: ['openssl'], issuer: 'absent' },
  'revoked, issuer unknown': { database: 'revoked', ocsp: ['openssl'], issuer: 'absent' },
};
