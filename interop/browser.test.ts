// The example for browsers in a real one: a bundle of the engine, on Web Crypto.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import type { KeySpec } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE } from '@nv2/envelope';
import { withTempDir } from '@nv2/testkit';
import { bundleForBrowser } from '../scripts/browser-bundle.ts';
import { installedRuntime } from '../scripts/bun-runtime.ts';
import { type SignedImage, signedImages } from '../test/signed-image.ts';
import { peer, skipWithoutPeers } from './peers.ts';

const KEYS: readonly KeySpec[] = [
  { kind: 'ec', curve: 'P-256' },
  { kind: 'ec', curve: 'P-384' },
  { kind: 'ec', curve: 'P-521' },
  { kind: 'rsa', modulusBits: 2048 },
];
/** Of a good signature, a tampered one, one of another image, one of a stranger. */
const EXPECTED = [
  'verified',
  'denied ENVELOPE_SIGNATURE_INVALID',
  'denied NOTARY_SUBJECT_MISMATCH',
  'denied NOTARY_CHAIN_UNTRUSTED',
];
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', json: 'application/json' };

const skip =
  installedRuntime() === undefined && process.env['CI'] !== 'true'
    ? 'the npm package of bun is not installed'
    : await skipWithoutPeers('chromium');

/** Serves the page and the cases to a browser; resolves to what it says of each case. */
async function inBrowser(cases: readonly SignedImage[], dir: string): Promise<readonly string[]> {
  await bundleForBrowser('interop/browser-page.ts', join(dir, 'page.js'));
  const page = await readFile(join(dir, 'page.js'), 'utf8');
  const files = new Map([
    ['/', [TYPES.html, '<!doctype html><script type="module" src="/page.js"></script>']],
    ['/page.js', [TYPES.js, page]],
    ['/cases', [TYPES.json, JSON.stringify(cases)]],
  ]);
  const server = createServer();
  const answered = new Promise<readonly string[]>((resolve) => {
    server.on('request', (request, response) => {
      const [type = TYPES.html, body = ''] = files.get(request.url ?? '') ?? [];
      response.setHeader('content-type', type);
      if (request.url !== '/answers') return response.end(body);
      return resolve(json(request).finally(() => response.end()) as Promise<string[]>);
    });
  });
  await once(server.listen(0, 'localhost'), 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await browse(`http://localhost:${port}/`, dir, answered);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Opens an address in a browser until the page has answered. */
async function browse(
  url: string,
  dir: string,
  answered: Promise<readonly string[]>,
): Promise<readonly string[]> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const browser = spawn(
    await peer('chromium'),
    [...flags, `--user-data-dir=${join(dir, 'profile')}`, '--no-first-run', url],
    // a group of its own: the program on the path is a script, and a browser is many processes
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(browser, 'close');
  const said = text(browser.stderr);
  const tooEarly = ended.then(async () => {
    throw new Error(`the browser ended without an answer: ${await said}`);
  });
  try {
    return await Promise.race([answered, tooEarly]);
  } finally {
    tooEarly.catch(() => undefined);
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid);
    await ended;
  }
}

describe('the example for browsers in Chromium', { skip }, () => {
  test('accepts good signatures and refuses what was tampered with', async () => {
    const cases: SignedImage[] = [];
    for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
      for (const key of KEYS) {
        const { good, tampered, otherImage, otherAnchors } = await signedImages(key, format);
        cases.push(good, tampered, otherImage, otherAnchors);
      }
    }
    const answers = await withTempDir((dir) => inBrowser(cases, dir));
    assert.equal(answers.length, cases.length);
    for (let at = 0; at < answers.length; at += EXPECTED.length) {
      assert.deepEqual(answers.slice(at, at + EXPECTED.length), EXPECTED, `case ${at}`);
    }
  });
});
