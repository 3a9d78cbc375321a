import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeHex, encodePem } from '@nv2/core';
import { loadKeyPair, parsePrivateKey } from '@nv2/notary';
import { makeChain, withTempDir } from '@nv2/testkit';
import { NOW, signNow, testImage, trusting, verdictOf } from './fixture.ts';

// written out, since not every library behind node:crypto can make one
const SECP256K1_SEC1 = `302e0201010420${'01'.repeat(32)}a00706052b8104000a`;

const ALGORITHMS = [
  { kind: 'rsa', modulusBits: 2048 },
  { kind: 'ec', curve: 'P-256' },
  { kind: 'ec', curve: 'P-384' },
  { kind: 'ec', curve: 'P-521' },
] as const;

for (const algorithm of ALGORITHMS) {
  const name = algorithm.kind === 'rsa' ? 'RSA' : algorithm.curve;
  test(`a ${name} key is read in each PEM form, and signs`, () =>
    withTempDir(async (dir) => {
      const made = await makeChain({ algorithm, now: NOW });
      const keyPath = join(dir, 'a.key');
      const certPath = join(dir, 'a.crt');
      const chain = made.chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
      await writeFile(certPath, chain);
      const key = createPrivateKey({
        key: Buffer.from(made.leafPkcs8),
        format: 'der',
        type: 'pkcs8',
      });
      const old = algorithm.kind === 'rsa' ? 'pkcs1' : 'sec1';
      for (const type of ['pkcs8', old] as const) {
        await writeFile(keyPath, `explanatory text\n${key.export({ format: 'pem', type })}`);
        const signer = await loadKeyPair({ keyPath, certPath });
        const root = made.chain.at(-1);
        assert.ok(root);
        const by = { signer, chain: made.chain, root };
        const { target } = testImage();
        await signNow(target, by);
        assert.equal((await verdictOf(target, { trustStore: trusting(by) })).outcome, 'verified');
      }
    }));
}

test('a key that is not of the first certificate is refused', () =>
  withTempDir(async (dir) => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW })),
    );
    assert.ok(one && other);
    const keyPath = join(dir, 'a.key');
    const certPath = join(dir, 'a.crt');
    const certificates = one.chain.map(({ der }) => encodePem('CERTIFICATE', der));
    await writeFile(certPath, certificates.join(''));
    await writeFile(keyPath, encodePem('PRIVATE KEY', other.leafPkcs8));
    await assert.rejects(loadKeyPair({ keyPath, certPath }), { code: 'NOTARY_KEY_MISMATCH' });
    await writeFile(keyPath, encodePem('PRIVATE KEY', one.leafPkcs8));
    await writeFile(certPath, certificates.toReversed().join(''));
    await assert.rejects(loadKeyPair({ keyPath, certPath }), { code: 'NOTARY_KEY_MISMATCH' });
    await writeFile(certPath, 'junk');
    await assert.rejects(loadKeyPair({ keyPath, certPath }), {
      code: 'NOTARY_KEY_CERTIFICATE_INVALID',
    });
    await assert.rejects(loadKeyPair({ keyPath: join(dir, 'absent'), certPath: join(dir, 'a') }), {
      code: 'NOTARY_FILE_NOT_FOUND',
    });
  }));

test('keys of other kinds, encrypted as before PKCS#8, or malformed, are refused with one code', async () => {
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret' };
  for (const pem of [
    '',
    'junk',
    ed25519.export({ format: 'pem', type: 'pkcs8' }),
    privateKey.export({ format: 'pem', type: 'sec1', ...cipher }),
    encodePem('EC PRIVATE KEY', decodeHex(SECP256K1_SEC1)),
    encodePem('PRIVATE KEY', new Uint8Array(10)),
    encodePem('EC PRIVATE KEY', new Uint8Array(10)),
    encodePem('CERTIFICATE', new Uint8Array(10)),
  ]) {
    await assert.rejects(
      parsePrivateKey(Buffer.from(pem)),
      { code: 'NOTARY_KEY_INVALID' },
      String(pem),
    );
  }
});
