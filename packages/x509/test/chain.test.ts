import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derBitString, derEncode, encodeUtf8, TAG } from '@nv2/core';
import { type MakeChainOptions, makeChain } from '@nv2/testkit';
import {
  ATTRIBUTE,
  type Certificate,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  issueCertificate,
  parseCertificate,
  validateCodeSigningChain,
  type X509ErrorCode,
} from '../src/index.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;

function chainOf(options: Partial<MakeChainOptions> = {}): ReturnType<typeof makeChain> {
  return makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, depth: 3, now: NOW, ...options });
}

async function refused(
  chain: readonly Certificate[],
  code: X509ErrorCode,
  index?: number,
): Promise<void> {
  await assert.rejects(validateCodeSigningChain(chain, { at: NOW.getTime() }), (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'data' in error, String(error));
    assert.equal(error.code, code, error.message);
    if (index !== undefined) assert.equal((error.data as { index: number }).index, index);
    return true;
  });
}

describe('a chain for code signing is accepted', () => {
  const keys = [
    { kind: 'rsa', modulusBits: 2048 },
    { kind: 'ec', curve: 'P-256' },
    { kind: 'ec', curve: 'P-384' },
    { kind: 'ec', curve: 'P-521' },
  ] as const;
  for (const depth of [1, 2, 3] as const)
    for (const algorithm of keys)
      test(`of ${depth} with ${JSON.stringify(algorithm)}`, async () => {
        const { chain } = await chainOf({ algorithm, depth });
        const valid = await validateCodeSigningChain(chain, { at: NOW.getTime() });
        assert.deepEqual(valid.certificates, chain);
        assert.equal(valid.leaf, chain[0]);
      });

  test('whose leaf has contentCommitment as well, or no extended key usage', async () => {
    const { chain } = await chainOf({
      leaf: { keyUsage: ['digitalSignature', 'contentCommitment'], extendedKeyUsage: ['1.2.3'] },
    });
    await validateCodeSigningChain(chain);
  });
});

describe('each rule of the Notary Project is enforced', () => {
  const broken: Readonly<
    Record<string, readonly [Partial<MakeChainOptions>, X509ErrorCode, number]>
  > = {
    'a leaf that is a CA': [
      { leaf: { basicConstraints: { ca: true } } },
      'X509_BASIC_CONSTRAINTS',
      0,
    ],
    'a leaf without digitalSignature': [
      { leaf: { keyUsage: ['contentCommitment'] } },
      'X509_KEY_USAGE',
      0,
    ],
    'a leaf with keyEncipherment': [
      { leaf: { keyUsage: ['digitalSignature', 'keyEncipherment'] } },
      'X509_KEY_USAGE',
      0,
    ],
    'a leaf with keyCertSign': [
      { leaf: { keyUsage: ['digitalSignature', 'keyCertSign'] } },
      'X509_KEY_USAGE',
      0,
    ],
    'a leaf whose key usage is not critical': [
      {
        leaf: {
          extensions: [
            {
              oid: EXTENSION.keyUsage,
              critical: false,
              value: derBitString(Uint8Array.of(0x80), 7),
            },
          ],
        },
      },
      'X509_KEY_USAGE',
      0,
    ],
    'a leaf for serverAuth': [
      { leaf: { extendedKeyUsage: [EXTENDED_KEY_USAGE.serverAuth] } },
      'X509_EXTENDED_KEY_USAGE',
      0,
    ],
    'a leaf for codeSigning and timeStamping': [
      {
        leaf: {
          extendedKeyUsage: [EXTENDED_KEY_USAGE.codeSigning, EXTENDED_KEY_USAGE.timeStamping],
        },
      },
      'X509_EXTENDED_KEY_USAGE',
      0,
    ],
    'an intermediate that is no CA': [
      { intermediate: { basicConstraints: { ca: false } } },
      'X509_BASIC_CONSTRAINTS',
      1,
    ],
    'an intermediate without keyCertSign': [
      { intermediate: { keyUsage: ['cRLSign'] } },
      'X509_KEY_USAGE',
      1,
    ],
    'a root whose path length forbids the intermediate': [
      { root: { basicConstraints: { ca: true, pathLength: 0 } } },
      'X509_PATH_LENGTH',
      2,
    ],
    'an unknown critical extension': [
      {
        intermediate: {
          extensions: [{ oid: '1.2.3.4', critical: true, value: derEncode(TAG.null) }],
        },
      },
      'X509_CRITICAL_EXTENSION',
      1,
    ],
    'a leaf that has expired': [{ leaf: { notAfter: NOW.getTime() - 1000 } }, 'X509_EXPIRED', 0],
    'security row 16: an intermediate that has expired': [
      { intermediate: { notAfter: NOW.getTime() - 1000 } },
      'X509_EXPIRED',
      1,
    ],
    'a root that is not yet valid': [
      { root: { notBefore: NOW.getTime() + DAY } },
      'X509_NOT_YET_VALID',
      2,
    ],
  };
  for (const [name, [options, code, index]] of Object.entries(broken))
    test(name, async () => {
      const { chain } = await chainOf(options);
      await refused(chain, code, index);
    });
});

describe('a chain is complete, ordered and signed', () => {
  test('no certificate, one missing, two swapped, one twice', async () => {
    const { chain } = await chainOf();
    const [leaf, intermediate, root] = chain as [Certificate, Certificate, Certificate];
    await refused([], 'X509_CHAIN_EMPTY');
    await refused([leaf, intermediate], 'X509_CHAIN_INCOMPLETE', 1);
    await refused([leaf, root], 'X509_CHAIN_ORDER', 0);
    await refused([leaf, root, intermediate], 'X509_CHAIN_ORDER', 0);
    await refused([leaf, intermediate, root, root], 'X509_CHAIN_ORDER', 2);
    await refused(
      Array.from({ length: 17 }, () => leaf),
      'X509_CHAIN_TOO_LONG',
    );
  });

  test('an issuer of the same name and another key is refused', async () => {
    const [one, other] = await Promise.all([chainOf(), chainOf()]);
    const mixed = [one.chain[0], ...other.chain.slice(1)] as Certificate[];
    await refused(mixed, 'X509_SIGNATURE_INVALID', 0);
  });

  test('a bit flipped in any signature is refused', async () => {
    const { chain } = await chainOf();
    for (const [index, { der }] of chain.entries()) {
      const changed = der.slice();
      changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
      const bad = chain.map((one, i) => (i === index ? parseCertificate(changed) : one));
      await refused(bad, 'X509_SIGNATURE_INVALID', index);
    }
  });
});

describe('name constraints', () => {
  function subtree(name: Uint8Array): Uint8Array {
    return derEncode(TAG.sequence, name);
  }
  function constraints(tag: number, ...names: readonly Uint8Array[]): Partial<MakeChainOptions> {
    const value = derEncode(TAG.sequence, derEncode(tag, ...names.map(subtree)));
    return { root: { extensions: [{ oid: EXTENSION.nameConstraints, critical: true, value }] } };
  }
  function directory(value: string): Uint8Array {
    const attribute = derEncode(
      TAG.sequence,
      Uint8Array.of(0x06, 3, 0x55, 4, 10),
      derEncode(TAG.utf8String, encodeUtf8(value)),
    );
    return derEncode(0xa4, derEncode(TAG.sequence, derEncode(TAG.set, attribute)));
  }
  const country = derEncode(
    0xa4,
    derEncode(
      TAG.sequence,
      derEncode(
        TAG.set,
        derEncode(
          TAG.sequence,
          Uint8Array.of(0x06, 3, 0x55, 4, 6),
          derEncode(TAG.printableString, encodeUtf8('us')),
        ),
      ),
    ),
  );

  test('a subject within the permitted subtree passes, letters of either case alike', async () => {
    await validateCodeSigningChain((await chainOf(constraints(0xa0, country))).chain);
  });
  test('a subject outside the permitted subtree is refused', async () => {
    await refused(
      (await chainOf(constraints(0xa0, directory('Other')))).chain,
      'X509_NAME_CONSTRAINTS',
    );
  });
  test('a subject within the excluded subtree is refused', async () => {
    await refused((await chainOf(constraints(0xa1, country))).chain, 'X509_NAME_CONSTRAINTS');
  });
  test('an e-mail address in the subject is held to the mailboxes permitted', async () => {
    const permitted = constraints(0xa0, derEncode(0x81, encodeUtf8('.example.com')));
    const signer = (value: string): Partial<MakeChainOptions> => ({
      ...permitted,
      leaf: { subject: [{ type: ATTRIBUTE.emailAddress, value }] },
    });
    await validateCodeSigningChain((await chainOf(signer('a@mail.example.com'))).chain);
    await refused((await chainOf(signer('a@badexample.com'))).chain, 'X509_NAME_CONSTRAINTS', 0);
  });
});

test('an issued certificate says what its template says', async () => {
  const { leafKey, chain } = await chainOf({ depth: 1 });
  const [leaf] = chain as [Certificate];
  assert.deepEqual([...(leaf.keyUsage ?? [])], ['digitalSignature']);
  assert.deepEqual(leaf.extendedKeyUsage, [EXTENDED_KEY_USAGE.codeSigning]);
  assert.equal(leaf.notBefore, NOW.getTime() - DAY);
  const other = await issueCertificate(
    {
      subject: [],
      notBefore: 0,
      notAfter: DAY,
      spki: leafKey.spki,
      serialNumber: Uint8Array.of(7),
    },
    { key: leafKey },
  );
  assert.deepEqual(other.serialNumber, Uint8Array.of(7));
});

describe('extensions about certificate policies', () => {
  const outer = (...parts: readonly Uint8Array[]): Uint8Array => derEncode(TAG.sequence, ...parts);
  const anyPolicy = Uint8Array.of(0x06, 4, 0x55, 0x1d, 0x20, 0);
  const policy = Uint8Array.of(0x06, 3, 0x2a, 3, 4);
  const withRoot = (oid: string, value: Uint8Array) =>
    chainOf({ root: { extensions: [{ oid, critical: true, value }] } });

  test('critical ones that are well-formed do not matter, where nobody asks for a policy', async () => {
    for (const [oid, value] of [
      [EXTENSION.certificatePolicies, outer(outer(anyPolicy))],
      [EXTENSION.policyMappings, outer(outer(policy, policy))],
      [EXTENSION.inhibitAnyPolicy, Uint8Array.of(2, 1, 0)],
    ] as const)
      await validateCodeSigningChain((await withRoot(oid, value)).chain);
  });
  test('ones that cannot be processed are malformed', async () => {
    for (const [oid, value] of [
      [EXTENSION.certificatePolicies, Uint8Array.of(0xff)],
      [EXTENSION.certificatePolicies, outer()],
      [EXTENSION.certificatePolicies, outer(outer(anyPolicy, outer()))],
      [EXTENSION.policyMappings, Uint8Array.of(0)],
      [EXTENSION.policyMappings, outer(outer(policy, anyPolicy))],
      [EXTENSION.policyMappings, outer(outer(policy))],
      [EXTENSION.inhibitAnyPolicy, Uint8Array.of(0)],
      [EXTENSION.inhibitAnyPolicy, Uint8Array.of(2, 1, 0xff)],
    ] as const)
      await assert.rejects(withRoot(oid, value), { code: 'X509_TEMPLATE_INVALID' });
  });
});

test('a time that is none is an error of the caller, never within validity', async () => {
  const { chain } = await chainOf();
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])
    await assert.rejects(validateCodeSigningChain(chain, { at }), { code: 'X509_TIME_INVALID' });
});

test('a certificate that is twice in a chain is refused', async () => {
  const { chain } = await chainOf({ depth: 3 });
  const [leaf, ca, root] = chain as [Certificate, Certificate, Certificate];
  await refused([leaf, ca, root, root], 'X509_CHAIN_ORDER');
  await refused([leaf, leaf, ca, root], 'X509_CHAIN_ORDER');
});
