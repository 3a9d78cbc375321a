import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { concatBytes, decodeHex, equalBytes, type PrivateKey } from '@nv2/core';
import { type TsaChanges, timestampingUsage } from '@nv2/testkit';
import fc from 'fast-check';
import {
  type Certificate,
  type CertificateTemplate,
  issueCertificate,
  MAX_CMS_CERTIFICATES,
  parseTimestampInfo,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  verifyTimestampToken,
  X509Error,
} from '../src/index.ts';
import { CONTENT, DAY, hasCode, TIME, tsaOf, verifyToken } from './timestamp-fixtures.ts';

const tsa = await tsaOf();
const forger = await tsaOf();
const [signer, intermediate, root] = tsa.chain;
assert.ok(signer !== undefined && intermediate !== undefined && root !== undefined);

/** A certificate with the names and the serial number of another, by the forger. */
function lookAlike(
  of: Certificate,
  changes: Partial<CertificateTemplate> = {},
): Promise<Certificate> {
  const [authority] = forger.authorities;
  assert.ok(authority !== undefined);
  const template: CertificateTemplate = {
    subject: of.subject.rdns.flat(),
    serialNumber: of.serialNumber,
    notBefore: TIME - DAY,
    notAfter: TIME + DAY,
    spki: forger.leafKey.spki,
    keyUsage: ['digitalSignature'],
    extensions: [timestampingUsage()],
    ...changes,
  };
  return issueCertificate(template, authority);
}

async function isVerified(bag: NonNullable<TsaChanges['bag']>): Promise<void> {
  const { chain } = await verifyToken(tsa, { bag });
  assert.deepEqual(
    chain.certificates.map(({ der }) => der),
    tsa.chain.map(({ der }) => der),
  );
}

describe('the certificates of a timestamp are a bag', () => {
  test('security row 15: a forged certificate before the signer is passed over', async () => {
    const forged = await lookAlike(signer);
    assert.ok(equalBytes(forged.issuer.der, signer.issuer.der));
    await isVerified((all) => [forged, ...all]);
    await isVerified((all) => [...all, forged]);
  });

  test('security row 15: a forged chain before the real one is passed over', async () => {
    const authority = { basicConstraints: { ca: true }, extensions: [] } as const;
    const forged = await lookAlike(intermediate, { ...authority, keyUsage: ['keyCertSign'] });
    await isVerified((all) => [...forger.chain, forged, ...all]);
  });

  test('security row 15: order and repetition of the certificates mean nothing', async () => {
    await isVerified((all) => all.toReversed());
    await isVerified(([leaf = signer, ...issuers]) => [...issuers, leaf]);
    await isVerified((all) => [...all, ...all, ...all]);
  });

  test('security row 15: a token of the forger under the name of the signer is refused', async () => {
    const forged = await lookAlike(signer);
    const bag = (all: readonly Certificate[]): readonly Certificate[] => [forged, ...all];
    const { leafKey: key } = forger;
    // signed by the forger: who the attribute names decides which key must have signed
    await assert.rejects(verifyToken(tsa, { key, bag }), hasCode('X509_CMS_SIGNATURE'));
    await assert.rejects(
      verifyToken(tsa, { key, bag, message: { namedSigner: forged } }),
      hasCode('X509_TIMESTAMP_UNTRUSTED'),
    );
    // signed by the authority, in the name of the forged certificate
    await assert.rejects(
      verifyToken(tsa, { bag, message: { namedSigner: forged } }),
      hasCode('X509_CMS_SIGNATURE'),
    );
    await assert.rejects(
      verifyToken(forger, { bag: () => [...forger.chain, ...tsa.chain] }).then(() =>
        verifyToken(tsa, { bag: () => forger.chain }),
      ),
      hasCode('X509_CMS_SIGNER'),
    );
  });

  test('security row 15: a root in the token is not trusted for being there', async () => {
    const token = await forger.token(CONTENT);
    const options = { content: CONTENT, anchors: [tsa.root] };
    await assert.rejects(verifyTimestampToken(token, options), hasCode('X509_TIMESTAMP_UNTRUSTED'));
  });

  test('security row 15: as many forged certificates as fit cost a bounded search', async () => {
    const count = MAX_CMS_CERTIFICATES - tsa.chain.length;
    const forged = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        lookAlike(intermediate, {
          serialNumber: Uint8Array.of(1, i),
          basicConstraints: { ca: true },
          keyUsage: ['keyCertSign'],
          extensions: [],
        }),
      ),
    );
    await isVerified((all) => [...forged, ...all]);
    await assert.rejects(
      verifyToken(tsa, { bag: (all) => [...forged, ...all, signer] }),
      hasCode('X509_CMS_INVALID'),
    );
  });

  test('security row 15: CAs that certify each other do not make the search endless', async () => {
    const key = forger.leafKey;
    const authority = { subject: intermediate.subject.rdns.flat(), spki: key.spki };
    const crossed = await Promise.all(
      Array.from({ length: MAX_CMS_CERTIFICATES - 1 }, (_, i) =>
        issueCertificate(
          {
            ...authority,
            serialNumber: Uint8Array.of(2, i),
            notBefore: TIME - DAY,
            notAfter: TIME + DAY,
            basicConstraints: { ca: true },
            keyUsage: ['keyCertSign'],
          },
          { key },
        ),
      ),
    );
    const template = { ...authority, subject: signer.subject.rdns.flat() };
    const leaf = await issueCertificate(
      {
        ...template,
        notBefore: TIME - DAY,
        notAfter: TIME + DAY,
        keyUsage: ['digitalSignature'],
        extensions: [timestampingUsage()],
      },
      { key, ...(crossed[0] && { certificate: crossed[0] }) },
    );
    const token = verifyToken(tsa, {
      key,
      bag: () => [leaf, ...crossed],
      message: { signer: leaf },
    });
    await assert.rejects(token, hasCode('X509_TIMESTAMP_UNTRUSTED', { reason: 'limit' }));
  });
});

/** The smallest number whose cube is at least `value`. */
function cubeRoot(value: bigint): bigint {
  let low = 0n;
  let high = 1n << 700n;
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < value) low = middle + 1n;
    else high = middle;
  }
  return low;
}

test('security row 29: a PKCS #1 signature made by a cube root, with garbage after the digest, is refused', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const forge: PrivateKey = {
    spki,
    sign: (_scheme, data) => {
      const digestInfo = decodeHex('3031300d060960864801650304020105000420');
      const digest = createHash('sha256').update(data).digest();
      const head = concatBytes(
        decodeHex('0001ffffffffffffffff00'),
        digestInfo,
        new Uint8Array(digest),
      );
      const block = Buffer.concat([head], 256).toString('hex');
      const root = cubeRoot(BigInt(`0x${block}`));
      const cube = (root ** 3n).toString(16).padStart(512, '0');
      assert.equal(cube.slice(0, head.length * 2), Buffer.from(head).toString('hex'));
      return Promise.resolve(decodeHex(root.toString(16).padStart(512, '0')));
    },
  };
  const authority = await tsaOf({ leaf: { spki, extensions: [timestampingUsage()] } });
  const scheme = { kind: 'rsa-pkcs1', hash: 'sha256' } as const;
  await assert.rejects(
    verifyToken(authority, { key: forge, scheme }),
    hasCode('X509_CMS_SIGNATURE'),
  );
});

test('security row 8: a token that has any part of the token for another signature is refused', async () => {
  const other = Uint8Array.of(...CONTENT, 1);
  const info = { serialNumber: Uint8Array.of(1) };
  const own = await tsa.token(CONTENT, { info });
  let foreign = await tsa.token(other, { info });
  // a signature has 70 to 72 octets: until both tokens are of one form
  while (own.length !== foreign.length) foreign = await tsa.token(other, { info });
  for (const content of [CONTENT, other]) {
    const options = { content, anchors: [tsa.root] };
    await verifyTimestampToken(content === CONTENT ? own : foreign, options);
  }
  const [mine, theirs] = [own, foreign].map((token) => partsOf(token));
  assert.ok(mine && theirs);
  for (const [part, { start, octets }] of Object.entries(mine)) {
    const replacement: Uint8Array | undefined = theirs[part]?.octets;
    assert.equal(replacement?.length, octets.length, part);
    assert.ok(replacement);
    const swapped = Uint8Array.from(own);
    swapped.set(replacement, start);
    for (const content of [CONTENT, other]) {
      const verifying = verifyTimestampToken(swapped, { content, anchors: [tsa.root] });
      await assert.rejects(verifying, (error) => error instanceof X509Error, part);
    }
  }
});

/** What differs between two tokens of one authority, and where it is. */
function partsOf(
  token: Uint8Array,
): Readonly<Record<string, { readonly start: number; readonly octets: Uint8Array }>> {
  const { message, info } = parseTimestampToken(token);
  const digest = message.signer.signedAttributes?.values.get('1.2.840.113549.1.9.4')?.[0];
  assert.ok(digest);
  const parts = {
    content: message.content,
    imprint: info.messageImprint.hashedMessage,
    digest,
    signature: message.signer.signature,
  };
  return Object.fromEntries(
    Object.entries(parts).map(([part, octets]) => {
      const start = Buffer.from(token).indexOf(octets);
      assert.ok(start >= 0, part);
      return [part, { start, octets }];
    }),
  );
}

describe('whatever the octets, a decoder decodes or says what is wrong', () => {
  const decoders = { parseTimestampToken, parseTimestampResponse, parseTimestampRequest };

  function decodes(bytes: Uint8Array): void {
    for (const decode of [...Object.values(decoders), parseTimestampInfo])
      try {
        decode(bytes);
      } catch (error) {
        assert.ok(error instanceof X509Error, String(error));
        assert.match(error.code, /^X509_(BER|CMS|TIMESTAMP)_INVALID$/);
      }
  }

  test('for random octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => decodes(bytes)),
      { numRuns: 1000 },
    );
  });

  test('for tokens and TSTInfos with octets changed, left out and put in', async () => {
    const token = await tsa.token(CONTENT);
    const { content } = parseTimestampToken(token).message;
    const change = fc.record({
      whole: fc.constantFrom(token, content),
      at: fc.nat(),
      cut: fc.integer({ min: 0, max: 4 }),
      put: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(change, ({ whole, at, cut, put }) => {
        const from = at % whole.length;
        decodes(concatBytes(whole.subarray(0, from), put, whole.subarray(from + cut)));
      }),
      { numRuns: 3000 },
    );
  });

  test('security row 29: a token with any octet changed never proves anything else', async () => {
    const token = await tsa.token(CONTENT, { info: { accuracy: { seconds: 1 } } });
    const { content } = parseTimestampToken(token).message;
    const options = { content: CONTENT, anchors: [tsa.root] };
    let accepted = 0;
    for (let at = 0; at < token.length; at++) {
      const changed = Uint8Array.from(token);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      try {
        const proof = await verifyTimestampToken(changed, options);
        assert.deepEqual(parseTimestampToken(proof.token).message.content, content);
        assert.deepEqual([proof.earliest, proof.latest], [TIME - 1000, TIME + 1000]);
        assert.ok(equalBytes(proof.chain.leaf.der, signer.der));
        accepted++;
      } catch (error) {
        assert.ok(error instanceof X509Error, String(error));
      }
    }
    // not signed: digest algorithms listed, names of the signer, certificates that are not needed
    assert.ok(accepted < token.length / 3, `${accepted} of ${token.length}`);
  });
});
