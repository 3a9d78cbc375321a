// Envelopes with one header changed, correctly signed all the same.
import { type CborValue, cborTag } from '@nv2/core';
import {
  AGENT,
  AUTHENTIC_TIME,
  EXPIRY,
  forgeCose,
  forgeJws,
  type Identity,
  SCHEME,
  SIGNING_TIME,
  TIMESTAMP,
} from '../../packages/envelope/test/forge.ts';

/** An envelope and what is odd about it. */
export interface EnvelopeCase {
  readonly name: string;
  readonly format: 'jws' | 'cose';
  readonly envelope: Uint8Array;
}

const TIMES: readonly string[] = [
  '2025-01-01T08:00:00Z',
  '2025-01-01T08:00:00+08:00',
  '2025-01-01T08:00:00-00:00',
  '2025-01-01T08:00:00+24:00',
  '2025-01-01T08:00:00+23:60',
  '2025-01-01T08:00:00+8:00',
  '2025-01-01T08:00:00+0800',
  '2025-01-01T08:00:00.5Z',
  '2025-01-01T08:00:00.123456789123Z',
  '2025-01-01T08:00:00.Z',
  '2025-01-01T08:00:00,5Z',
  '2025-01-01t08:00:00z',
  '2025-01-01 08:00:00Z',
  '2025-01-01T08:00:60Z',
  '2025-01-01T24:00:00Z',
  '2025-02-29T08:00:00Z',
  '2024-02-29T08:00:00Z',
  '2025-1-1T08:00:00Z',
  '2025-01-01T8:00:00Z',
  '2025-01-01T08:00Z',
  '2025-01-01T08:00:00',
  '1969-12-31T23:59:59Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '+10000-01-01T00:00:00Z',
  ' 2025-01-01T08:00:00Z',
  '2025-01-01T08:00:00Z\n',
];
const JSON_VALUES: readonly unknown[] = [null, true, 0, 1.5, '', 'x', [], ['x'], {}, { a: 1 }];
const JWS_NAMES = [
  ...['alg', 'crit', 'cty', SCHEME, SIGNING_TIME, AUTHENTIC_TIME, EXPIRY, TIMESTAMP, AGENT],
  ...['kid', 'typ', 'b64', 'x5c', 'x5t', 'jku', 'zip', 'extended'],
];
const ALGORITHMS = ['none', 'HS256', 'RS256', 'PS256', 'ES384', 'EdDSA', 'es256'];
const SCHEMES = ['notary.x509.signingAuthority', 'notary.x510', 'Notary.X509'];
const CRITS: readonly (readonly unknown[])[] = [
  [SCHEME],
  [EXPIRY],
  [SCHEME, EXPIRY],
  [EXPIRY, SCHEME],
  [SCHEME, EXPIRY, SCHEME],
  [SCHEME, EXPIRY, 'absent'],
  [SCHEME, EXPIRY, SIGNING_TIME],
  [SCHEME, EXPIRY, AUTHENTIC_TIME],
  [SCHEME, EXPIRY, ''],
  [SCHEME, EXPIRY, 1],
];

/** Headers of a signature by a signing authority, and changes of them. */
const AUTHORITY = {
  [SCHEME]: 'notary.x509.signingAuthority',
  [SIGNING_TIME]: undefined,
  [AUTHENTIC_TIME]: '2025-01-01T00:00:00Z',
  crit: [SCHEME, AUTHENTIC_TIME, EXPIRY],
};
const AUTHORITY_CHANGES: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { crit: [SCHEME, EXPIRY] },
  { crit: [SCHEME, AUTHENTIC_TIME] },
  { [SIGNING_TIME]: '2025-01-01T00:00:00Z' },
  { [AUTHENTIC_TIME]: undefined },
  { [AUTHENTIC_TIME]: undefined, crit: [SCHEME, EXPIRY] },
];

async function jwsCases(identity: Identity): Promise<EnvelopeCase[]> {
  const cases: EnvelopeCase[] = [];
  const add = async (changes: Parameters<typeof forgeJws>[1]): Promise<void> => {
    const envelope = await forgeJws(identity, changes);
    cases.push({ name: `jws ${JSON.stringify(changes)}`, format: 'jws', envelope });
  };
  const marked = (name: string): readonly string[] => [SCHEME, EXPIRY, name];
  for (const name of JWS_NAMES) {
    for (const value of [undefined, ...JSON_VALUES]) {
      await add({ protected: { [name]: value } });
      if (name !== 'crit') await add({ protected: { [name]: value, crit: marked(name) } });
      await add({ header: { [name]: value } });
    }
  }
  for (const alg of ALGORITHMS) await add({ protected: { alg } });
  for (const scheme of SCHEMES) await add({ protected: { [SCHEME]: scheme } });
  for (const crit of CRITS) {
    await add({ protected: { crit } });
    await add({ protected: { crit, [EXPIRY]: undefined } });
  }
  for (const time of TIMES) {
    await add({ protected: { [SIGNING_TIME]: time } });
    await add({ protected: { [EXPIRY]: time } });
  }
  for (const changes of AUTHORITY_CHANGES) await add({ protected: { ...AUTHORITY, ...changes } });
  return cases;
}

const COSE_LABELS = [
  ...[1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 15, 16, 33, 34, 99, -70_000],
  ...[SCHEME, SIGNING_TIME, AUTHENTIC_TIME, EXPIRY, TIMESTAMP, AGENT, 'extended'],
];
const BYTES = Uint8Array.of(1, 2);
const CBOR_VALUES: readonly CborValue[] = [
  ...[null, true, 0, -7, '', 'x', 'a/b', BYTES, new Uint8Array(), []],
  ...[['x'], [1], [BYTES], new Map(), new Map([['a', 1]])],
  ...[cborTag(1, 0), cborTag(1, 1_735_689_601), cborTag(1, -1)],
  ...[cborTag(1, '1'), cborTag(0, '2025-01-01T00:00:00Z'), cborTag(1, 4_070_908_801)],
];

async function coseCases(identity: Identity): Promise<EnvelopeCase[]> {
  const cases: EnvelopeCase[] = [];
  const add = async (name: string, changes: Parameters<typeof forgeCose>[1]): Promise<void> => {
    const envelope = await forgeCose(identity, changes);
    cases.push({ name: `cose ${name}`, format: 'cose', envelope });
  };
  for (const label of COSE_LABELS) {
    for (const [index, value] of [undefined, ...CBOR_VALUES].entries()) {
      const what = `${label} ${index} ${shown(value)}`;
      const one = new Map([[label, value]]);
      await add(`protected ${what}`, { protected: one });
      await add(`unprotected ${what}`, { unprotected: one });
      if (label === 2) continue;
      const crit = [SCHEME, EXPIRY, label];
      await add(`critical ${what}`, { protected: new Map([...one, [2, crit]]) });
    }
  }
  for (const crit of CRITS) {
    const list = crit as readonly CborValue[];
    await add(`crit ${JSON.stringify(crit)}`, { protected: new Map([[2, list]]) });
    const unexpiring = new Map<string | number, CborValue | undefined>([
      [2, list],
      [EXPIRY, undefined],
    ]);
    await add(`crit ${JSON.stringify(crit)} without expiry`, { protected: unexpiring });
  }
  for (const scheme of SCHEMES)
    await add(`scheme ${scheme}`, { protected: new Map([[SCHEME, scheme]]) });
  return cases;
}

function shown(value: CborValue | undefined): string {
  return value instanceof Uint8Array ? 'bytes' : (JSON.stringify(value) ?? 'absent');
}

/** RSASSA-PSS with salts of the right and of other lengths, by a key of RSA-2048. */
async function saltCases(identity: Identity): Promise<EnvelopeCase[]> {
  const cases: EnvelopeCase[] = [];
  for (const saltLength of [0, 20, 32, 64, 222]) {
    const scheme = { kind: 'rsa-pss', hash: 'sha256', saltLength } as const;
    const sign = (data: Uint8Array): Promise<Uint8Array> => identity.key.sign(scheme, data);
    const name = `salt of ${saltLength} octets`;
    cases.push(
      { name: `jws ${name}`, format: 'jws', envelope: await forgeJws(identity, { sign }) },
      { name: `cose ${name}`, format: 'cose', envelope: await forgeCose(identity, { sign }) },
    );
  }
  return cases;
}

/** All envelopes, by a leaf with a P-256 key and, of salts, one with a key of RSA-2048. */
export async function envelopeCases(ec: Identity, rsa: Identity): Promise<readonly EnvelopeCase[]> {
  return [...(await jwsCases(ec)), ...(await coseCases(ec)), ...(await saltCases(rsa))];
}
