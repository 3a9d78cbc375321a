// Private keys that openssl encrypted, read by nv2.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { parsePrivateKey } from '@nv2/notary';
import { peer, skipWithoutPeers } from './peers.ts';

const PASSPHRASE = 'some words';
const PLAIN = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  format: 'pem',
  type: 'pkcs8',
});

const skip = await skipWithoutPeers('openssl');

async function encrypted(...args: readonly string[]): Promise<Uint8Array> {
  const command = ['pkcs8', '-topk8', '-passout', `pass:${PASSPHRASE}`, ...args];
  const child = spawn(await peer('openssl'), command, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(PLAIN);
  return await buffer(child.stdout);
}

function read(key: Uint8Array): ReturnType<typeof parsePrivateKey> {
  return parsePrivateKey(key, { passphrase: () => Promise.resolve(PASSPHRASE) });
}

describe('private keys that openssl encrypted', { skip }, () => {
  test('are read with their passphrase', async () => {
    const { spki } = await parsePrivateKey(Buffer.from(PLAIN));
    for (const args of [
      [],
      ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '1000'],
      ['-v2', 'des3'],
    ]) {
      assert.deepEqual((await read(await encrypted(...args))).spki, spki, args.join(' '));
    }
  });

  test('are refused where they are encrypted with anything but PBES2 and PBKDF2', async () => {
    for (const args of [['-v1', 'PBE-SHA1-3DES'], ['-scrypt']]) {
      await assert.rejects(read(await encrypted(...args)), { code: 'NOTARY_KEY_INVALID' });
    }
  });
});
