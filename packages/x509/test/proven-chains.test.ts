import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CryptoPort, defaultCrypto, Nv2Error } from '@nv2/core';
import { makeChain, ocspAccess } from '@nv2/testkit';
import {
  type Certificate,
  parseCertificate,
  parseCertificateChain,
  parseKnownChain,
  validateCodeSigningChain,
} from '@nv2/x509';
import fc from 'fast-check';

function counting(): { readonly crypto: CryptoPort; readonly count: () => number } {
  let verifications = 0;
  const crypto: CryptoPort = {
    ...defaultCrypto,
    verify: (...what) => {
      verifications++;
      return defaultCrypto.verify(...what);
    },
  };
  return { crypto, count: () => verifications };
}

async function outcome(
  chain: readonly Certificate[],
  options: { readonly crypto: CryptoPort; readonly at?: number },
): Promise<string> {
  try {
    await validateCodeSigningChain(chain, options);
    return 'valid';
  } catch (error) {
    assert.ok(error instanceof Nv2Error);
    return error.code;
  }
}

const { chain } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, depth: 3 });

test('signatures of a chain that is met again are not computed again', async () => {
  const { crypto, count } = counting();
  assert.equal(await outcome(chain, { crypto }), 'valid');
  assert.equal(count(), 3);
  // the second time it is worth its memory, the third time it is known
  assert.equal(await outcome(chain, { crypto }), 'valid');
  assert.equal(await outcome(chain, { crypto }), 'valid');
  assert.equal(count(), 6);
  // other primitives have seen nothing yet
  const other = counting();
  assert.equal(await outcome(chain, { crypto: other.crypto }), 'valid');
  assert.equal(other.count(), 3);
});

test('security row 26: every other rule is checked each time', async () => {
  const { crypto } = counting();
  for (let i = 0; i < 3; i++) {
    assert.equal(await outcome(chain, { crypto, at: Date.now() }), 'valid');
  }
  const late = Date.UTC(2200, 0);
  assert.equal(await outcome(chain, { crypto, at: late }), 'X509_EXPIRED');
  assert.equal(await outcome(chain.toReversed(), { crypto }), 'X509_CHAIN_ORDER');
  assert.equal(await outcome(chain.slice(0, 2), { crypto }), 'X509_CHAIN_INCOMPLETE');
});

test('security row 26: a chain that was met changes nothing for one that differs in any octet', async () => {
  const warm = counting();
  for (let i = 0; i < 3; i++) assert.equal(await outcome(chain, { crypto: warm.crypto }), 'valid');
  assert.equal(warm.count(), 6);
  const change = fc.record({
    which: fc.nat(2),
    at: fc.nat(),
    flip: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ which, at, flip }) => {
      const changed = chain.map(({ der }, i) => {
        const copy = der.slice();
        const offset = at % copy.length;
        if (i === which) copy[offset] = (copy[offset] ?? 0) ^ flip;
        return copy;
      });
      let parsed: readonly Certificate[];
      try {
        parsed = changed.map(parseCertificate);
      } catch {
        return;
      }
      const remembered = await outcome(parsed, { crypto: warm.crypto });
      assert.equal(remembered, await outcome(parsed, { crypto: counting().crypto }));
      assert.notEqual(remembered, 'valid');
    }),
    { numRuns: 400 },
  );
});

test('the longest unused chain is forgotten, so that memory is bounded', async () => {
  const { crypto, count } = counting();
  for (let i = 0; i < 3; i++) await outcome(chain, { crypto });
  assert.equal(count(), 6);
  for (let i = 0; i < 130; i++) {
    const made = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, depth: 2 });
    assert.equal(await outcome(made.chain, { crypto }), 'valid');
  }
  const before = count();
  assert.equal(await outcome(chain, { crypto }), 'valid');
  assert.equal(count(), before + 3);
});

test('a chain read from a buffer that is used again for a forged one proves nothing for that one', async () => {
  const [leaf, ...above] = chain;
  assert.ok(leaf);
  const shared = Buffer.alloc(leaf.der.length);
  const inside = lastOctetOf(leaf.serialNumber, leaf.der);
  const { crypto } = counting();
  for (let i = 0; i < 3; i++) {
    shared.set(leaf.der);
    assert.equal(await outcome([parseCertificate(shared), ...above], { crypto }), 'valid');
  }
  shared.set(leaf.der);
  shared[inside] = (shared[inside] ?? 0) ^ 1;
  assert.notEqual(await outcome([parseCertificate(shared), ...above], { crypto }), 'valid');
});

test('a buffer that changes while a chain is being proven does not get into what is remembered', async () => {
  const [leaf, ...above] = chain;
  assert.ok(leaf);
  const inside = lastOctetOf(leaf.serialNumber, leaf.der);
  const { crypto } = counting();
  for (let i = 0; i < 3; i++) {
    const shared = Uint8Array.from(leaf.der);
    const pending = outcome([parseCertificate(shared), ...above], { crypto });
    shared[inside] = (shared[inside] ?? 0) ^ 1;
    assert.equal(await pending, 'valid');
    assert.notEqual(await outcome([parseCertificate(shared), ...above], { crypto }), 'valid');
  }
});

test('a chain that is known is not read again, and one that is not known is read', async () => {
  const { crypto } = counting();
  const ders = chain.map(({ der }) => der);
  for (let i = 0; i < 2; i++) {
    assert.notEqual(parseKnownChain(ders, crypto), parseKnownChain(ders, crypto));
    assert.equal(await outcome(chain, { crypto }), 'valid');
  }
  const known = parseKnownChain(ders, crypto);
  assert.equal(parseKnownChain(ders, crypto), known);
  assert.deepEqual(known, parseCertificateChain(ders));
  assert.equal(parseKnownChain(ders.slice(1), crypto).length, 2);
});

test('security row 26: what a caller does to certificates does not get into those that are given later', async () => {
  const { crypto } = counting();
  const ders = chain.map(({ der }) => der);
  const [leaf, ...above] = chain;
  assert.ok(leaf);
  const forged = { ...leaf, notAfter: Date.UTC(2200, 0), spki: new Uint8Array() };
  for (let i = 0; i < 3; i++) await outcome([forged, ...above], { crypto });
  assert.deepEqual(parseKnownChain(ders, crypto), parseCertificateChain(ders));
  // octets that were written into after they were given out are not given out again
  const [given] = parseKnownChain(ders, crypto);
  given?.der.fill(0, 20, 40);
  assert.deepEqual(parseKnownChain(ders, crypto), parseCertificateChain(ders));
});

function lastOctetOf(part: Uint8Array, whole: Uint8Array): number {
  return Buffer.from(whole).indexOf(Buffer.from(part)) + part.length - 1;
}

test('security row 26: whoever is given the certificates of a known chain cannot take from them', async () => {
  const { crypto } = counting();
  const extensions = [ocspAccess('http://ocsp.example/')];
  const algorithm = { kind: 'ec', curve: 'P-256' } as const;
  const met = (await makeChain({ algorithm, leaf: { extensions } })).chain;
  for (let i = 0; i < 3; i++) assert.equal(await outcome(met, { crypto }), 'valid');
  const ders = met.map(({ der }) => der);
  const [leaf, authority] = parseKnownChain(ders, crypto);
  assert.equal(leaf, parseKnownChain(ders, crypto)[0]);
  for (const list of [leaf?.ocspResponders, leaf?.extendedKeyUsage, leaf?.subject.rdns]) {
    assert.throws(() => (list as unknown[]).shift(), TypeError);
  }
  assert.throws(() => Object.assign(authority?.basicConstraints ?? {}, { ca: false }), TypeError);
  assert.deepEqual(leaf?.ocspResponders, ['http://ocsp.example/']);
});
