import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE } from '@nv2/envelope';
import { NotaryError, pluginDirectory, pluginMetadata, VerificationError } from '@nv2/notary';
import { verifyImage } from '../examples/browser/verify.ts';
import { ROOT } from '../scripts/run-command.ts';
import { type Site, withSite } from './embedded-registry.ts';
import { writeExamplePlugin } from './example-plugin.ts';
import { givenImage } from './given-image.ts';
import { runExample } from './run-process.ts';
import { signedImages } from './signed-image.ts';

type Check = (site: Site) => Promise<void>;

async function sign({ image, key, chain }: Site): Promise<string> {
  const { code, output } = await runExample('sign.ts', [image, key, chain]);
  assert.equal(code, 0, output);
  return output;
}

const noSignature = 'an unsigned image is no success';

/** What every file of examples/ must do, against a registry of its own. */
const CHECKS: Readonly<Record<string, Check>> = {
  'browser/verify.ts': async () => {
    const { good, tampered } = await signedImages({ kind: 'ec', curve: 'P-256' }, JWS_MEDIA_TYPE);
    assert.equal((await verifyImage(...givenImage(good))).verdict.outcome, 'verified');
    await assert.rejects(verifyImage(...givenImage(tampered)), VerificationError);
  },
  'list.ts': async (site) => {
    const unsigned = await runExample('list.ts', [site.image]);
    assert.deepEqual(unsigned, { code: 0, output: `${site.digest}: 0 signatures\n` });
    const signature = (await sign(site)).trim();
    const { output } = await runExample('list.ts', [site.image]);
    assert.equal(output, `${site.digest}: 1 signatures\n${signature}\n`);
  },
  'plugin.ts': async ({ dir, key, chain }) => {
    const plugins = join(dir, 'plugins');
    await writeExamplePlugin(plugins);
    const plugin = await pluginDirectory(plugins).find('keyfile');
    assert.equal((await pluginMetadata(plugin, new Map())).version, '1.0.0');
    const about = { contractVersion: '1.0', keyId: key, pluginConfig: new Map([['chain', chain]]) };
    const { keySpec } = await plugin.call('describe-key', about);
    assert.equal(keySpec, 'EC-256');
    const payload = encodeUtf8('to be signed');
    const request = { ...about, keySpec, hashAlgorithm: 'SHA-256', payload };
    const { signature, certificateChain } = await plugin.call('generate-signature', request);
    const { publicKey } = new X509Certificate(certificateChain[0] ?? '');
    const form = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    assert.ok(verify('sha256', payload, form, signature));
    const unset = plugin.call('describe-key', { ...about, pluginConfig: new Map() });
    await assert.rejects(unset, (error) => {
      assert.ok(error instanceof NotaryError);
      assert.equal(error.data['errorCode'], 'VALIDATION_ERROR');
      return true;
    });
  },
  'sign.ts': async (site) => {
    assert.match(await sign(site), /^sha256:[0-9a-f]{64}\n$/);
    const wrong = await runExample('sign.ts', [site.image, site.chain, site.chain]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /NOTARY_KEY_INVALID/);
  },
  'verify.ts': async (site) => {
    const args = [site.image, site.policy, site.trustStore];
    const unsigned = await runExample('verify.ts', args);
    assert.equal(unsigned.code, 1, noSignature);
    assert.match(unsigned.output, /NOTARY_SIGNATURE_NOT_FOUND/);
    await sign(site);
    const { code, output } = await runExample('verify.ts', args);
    assert.equal(code, 0, output);
    assert.equal(output, `${site.digest} verified ${site.signer}\n`);
  },
};

for (const [file, check] of Object.entries(CHECKS)) {
  test(`examples/${file} does what it says`, () => withSite(check));
}

test('every file of examples/ is run by a test', async () => {
  const names = await readdir(join(ROOT, 'examples'), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts'));
  assert.deepEqual(files.sort(), Object.keys(CHECKS).sort());
});

test('an example without arguments fails, and says what is wrong', async () => {
  for (const [file, error] of [
    ['list.ts', /OCI_REFERENCE_INVALID/],
    ['sign.ts', /NOTARY_FILE_/],
    ['verify.ts', /OCI_REFERENCE_INVALID/],
  ] as const) {
    const { code, output } = await runExample(file, []);
    assert.equal(code, 1);
    assert.match(output, error);
  }
});

test('verifying, signing and listing take ten lines each', async () => {
  for (const file of ['browser/verify.ts', 'list.ts', 'sign.ts', 'verify.ts']) {
    const text = await readFile(join(ROOT, 'examples', file), 'utf8');
    const lines = text.split('\n').filter((line) => !/^\s*(?:\/[/*].*)?$/.test(line));
    assert.ok(lines.length <= 10, `${file} has ${lines.length}`);
  }
});
