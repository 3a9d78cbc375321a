// Certificates made by the openssl command, read by nv2, by Go's crypto/x509 and by node:crypto.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { encodeBase64, encodeHex } from '@nv2/core';
import { withTempDir } from '@nv2/testkit';
import {
  type Certificate,
  formatNameGo,
  type GeneralName,
  KEY_USAGES,
  type Name,
  parseCertificate,
} from '@nv2/x509';
import { CERTIFICATE_SHAPES, makeOpensslCertificate } from './openssl-certificates.ts';
import { askPeerOnce } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';

/** What nv2 refuses to read, RFC 5280 4.1.2.2; the first one Go refuses as well. */
const REFUSED: readonly string[] = ['serial number: negative', 'serial number: twenty-one octets'];

/**
 * What Go refuses to read, and nv2 reads, so that it can be shown: a chain with the first is refused
 * for its key; and of the second, RFC 5280 4.2.1.13, every certificate is right.
 */
const REFUSED_BY_GO: readonly string[] = ['key secp256k1', 'a relative distribution point'];

const hex = (bytes: Uint8Array | undefined): string => (bytes ? encodeHex(bytes) : '');

/** What `certificate-read` of the harness says, in our words. */
function fieldsOf(certificate: Certificate): Readonly<Record<string, unknown>> {
  const { basicConstraints: constraints, extensions, nameConstraints } = certificate;
  const domains = (names: readonly GeneralName[] = []): readonly string[] =>
    names.flatMap((name) => (name.kind === 'dns' ? [name.value] : []));
  return {
    version: certificate.version,
    serialNumber: hex(certificate.serialNumber).replace(/^0(?=.)/, ''),
    issuer: formatNameGo(certificate.issuer),
    subject: formatNameGo(certificate.subject),
    notBefore: goTime(certificate.notBefore),
    notAfter: goTime(certificate.notAfter),
    key: keyOf(certificate),
    keyUsage: KEY_USAGES.reduce(
      (bits, usage, bit) => bits + (certificate.keyUsage?.has(usage) ? 2 ** bit : 0),
      0,
    ),
    extendedKeyUsage: certificate.extendedKeyUsage ?? [],
    basicConstraints:
      constraints === undefined
        ? ''
        : constraints.ca
          ? `CA ${constraints.pathLength ?? ''}`.trim()
          : 'none',
    alternativeNames: (certificate.subjectAltNames ?? []).flatMap(labelled).sort(),
    subjectKeyId: hex(certificate.subjectKeyId),
    authorityKeyId: hex(certificate.authorityKeyId?.keyId),
    ocspResponders: certificate.ocspResponders,
    crlDistributionPoints: certificate.crlDistributionPoints,
    criticalExtensions: [...extensions].flatMap(([oid, { critical }]) => (critical ? [oid] : [])),
    extensions: [...extensions.keys()],
    permittedDomains: domains(nameConstraints?.permitted),
    excludedDomains: domains(nameConstraints?.excluded),
    spki: encodeBase64(certificate.spki),
    tbs: encodeBase64(certificate.tbs),
    signature: encodeBase64(certificate.signature),
  };
}

function goTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function keyOf({ publicKey }: Certificate): string {
  if (publicKey === undefined) return '';
  return publicKey.kind === 'rsa' ? `RSA ${publicKey.modulusBits}` : `EC ${publicKey.curve}`;
}

function labelled(name: GeneralName): readonly string[] {
  if (name.kind === 'directory' || name.kind === 'other') return [];
  return [`${name.kind} ${name.kind === 'ip' ? hex(name.value) : name.value}`];
}

/** Short names of openssl for the attributes in use. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'postalCode',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

function byShortName(name: Name): Readonly<Record<string, unknown>> {
  const found = new Map<string, string[]>();
  for (const { type, value } of name.rdns.flat()) {
    const key = SHORT_NAMES[type] ?? type;
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return Object.fromEntries(
    [...found].map(([key, values]) => [key, values.length === 1 ? values[0] : values]),
  );
}

function assertNodeAgrees(certificate: Certificate): void {
  const node = new X509Certificate(certificate.der);
  assert.equal(node.serialNumber.padStart(2, '0'), hex(certificate.serialNumber).toUpperCase());
  assert.equal(node.validFromDate.getTime(), certificate.notBefore);
  assert.equal(node.validToDate.getTime(), certificate.notAfter);
  assert.equal(node.ca, certificate.basicConstraints?.ca ?? false);
  assert.deepEqual(node.keyUsage ?? [], certificate.extendedKeyUsage ?? []);
  if (certificate.publicKey !== undefined) assertNodeReadsNamesAndKey(certificate, node);
  const names = (certificate.subjectAltNames ?? []).flatMap(nodeName);
  const theirs = (node.subjectAltName ?? '').split(', ');
  assert.deepEqual(
    theirs.filter((name) => /^(?:DNS|email|URI):/.test(name)),
    names,
  );
  const responders = (node.infoAccess ?? '').split('\n').flatMap((line) => {
    const [, url] = /^OCSP - URI:(.*)$/.exec(line) ?? [];
    return url === undefined ? [] : [url];
  });
  assert.deepEqual(responders, certificate.ocspResponders);
}

/** Not for other keys: Node 24 ends with a segmentation fault over a curve that is not of NIST. */
function assertNodeReadsNamesAndKey(certificate: Certificate, node: X509Certificate): void {
  const { subject, issuer } = node.toLegacyObject();
  assert.deepEqual({ ...subject }, byShortName(certificate.subject));
  assert.deepEqual({ ...issuer }, byShortName(certificate.issuer));
  const spki = node.publicKey.export({ type: 'spki', format: 'der' });
  assert.equal(hex(spki), hex(certificate.spki));
}

function nodeName(name: GeneralName): readonly string[] {
  switch (name.kind) {
    case 'dns':
      return [`DNS:${name.value}`];
    case 'email':
      return [`email:${name.value}`];
    case 'uri':
      return [`URI:${name.value}`];
    default:
      return [];
  }
}

const skip = await skipWithoutPeers('openssl', 'nv2-peer');

describe('certificates made by openssl', { skip }, () => {
  for (const shape of CERTIFICATE_SHAPES)
    test(`${shape.name}: crypto/x509 and node:crypto read what nv2 reads`, () =>
      withTempDir(async (dir) => {
        const der = await makeOpensslCertificate(dir, shape);
        const theirs = await askPeerOnce('certificate-read', { certificate: der });
        if (REFUSED.includes(shape.name)) {
          assert.throws(() => parseCertificate(der), { code: 'X509_CERTIFICATE_INVALID' });
          return;
        }
        const certificate = parseCertificate(der);
        assert.equal(theirs.ok, !REFUSED_BY_GO.includes(shape.name), theirs.error);
        // of kinds of keys that nv2 does not use, crypto/x509 reads Ed25519
        const key = certificate.publicKey ? {} : { key: '' };
        if (theirs.ok) assert.deepEqual(fieldsOf(certificate), { ...theirs.fields, ...key });
        assertNodeAgrees(certificate);
      }));
});
