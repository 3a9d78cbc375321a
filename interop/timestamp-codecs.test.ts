// Timestamps across from the openssl command and pkijs: ours read there, and theirs read here.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeHex, encodePem, encodeUtf8, equalBytes, type KeySpec } from '@nv2/core';
import { makeTsa, type TestTsa, timestampingUsage, withTempDir } from '@nv2/testkit';
import {
  createTimestampRequest,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  type VerifiedTimestamp,
  verifyTimestampResponse,
  verifyTimestampToken,
  X509Error,
} from '@nv2/x509';
import * as pkijs from 'pkijs';
import { execute } from './execute.ts';
import { peer, skipWithoutPeers } from './peers.ts';

const CONTENT = encodeUtf8('the octets of a signature');
const KEYS: readonly KeySpec[] = [
  { kind: 'ec', curve: 'P-256' },
  { kind: 'ec', curve: 'P-384' },
  { kind: 'rsa', modulusBits: 2048 },
];

interface World {
  readonly dir: string;
  readonly tsa: TestTsa;
  /** Runs openssl in the directory; resolves to its standard output. */
  openssl(...args: readonly string[]): Promise<string>;
}

/** A directory with the files of an authority: content, root.pem, chain.pem, leaf.pem, leaf.key. */
async function inWorld(algorithm: KeySpec, run: (world: World) => Promise<void>): Promise<void> {
  const tsa = await makeTsa({ algorithm });
  const [leaf] = tsa.chain;
  assert.ok(leaf !== undefined);
  const program = await peer('openssl');
  await withTempDir(async (dir) => {
    const pem = (label: string, ders: readonly Uint8Array[]): string =>
      ders.map((der) => encodePem(label, der)).join('');
    const chain = tsa.chain.map(({ der }) => der);
    await writeFile(join(dir, 'content'), CONTENT);
    await writeFile(join(dir, 'root.pem'), pem('CERTIFICATE', [tsa.root.der]));
    await writeFile(join(dir, 'chain.pem'), pem('CERTIFICATE', chain.slice(1)));
    await writeFile(join(dir, 'leaf.pem'), pem('CERTIFICATE', [leaf.der]));
    await writeFile(join(dir, 'leaf.key'), pem('PRIVATE KEY', [tsa.leafPkcs8]));
    await run({ dir, tsa, openssl: (...args) => execute(program, args, { cwd: dir }) });
  });
}

async function read(dir: string, name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(dir, name)));
}

function tsaConfig(lines: readonly string[]): string {
  return [
    '[tsa]',
    'serial = serial',
    'signer_digest = sha256',
    'default_policy = 1.2.3.4',
    'other_policies = 1.2.3.5',
    'digests = sha256, sha384, sha512',
    'ess_cert_id_alg = sha256',
    ...lines,
    '',
  ].join('\n');
}

/** What `openssl ts -reply` answers to `request`. */
async function opensslReply(
  { dir, openssl }: World,
  request: Uint8Array,
  config: readonly string[] = [],
): Promise<Uint8Array> {
  await writeFile(join(dir, 'tsa.cnf'), tsaConfig(config));
  await writeFile(join(dir, 'serial'), '1000\n');
  await writeFile(join(dir, 'query'), request);
  const signing = ['-signer', 'leaf.pem', '-inkey', 'leaf.key', '-chain', 'chain.pem'];
  const files = ['-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'query', '-out', 'reply'];
  await openssl('ts', '-reply', ...files, ...signing);
  return read(dir, 'reply');
}

async function verifyReply(
  world: World,
  options: { hash: 'sha256' | 'sha384' | 'sha512'; config?: readonly string[]; policy?: string },
): Promise<VerifiedTimestamp> {
  const { hash, config = [], policy } = options;
  const request = await createTimestampRequest(CONTENT, { hash, policy });
  const response = await opensslReply(world, request.der, config);
  const anchors = [world.tsa.root];
  return verifyTimestampResponse(response, { request, content: CONTENT, anchors });
}

const skip = await skipWithoutPeers('openssl');

describe('timestamps of openssl', { skip }, () => {
  for (const algorithm of KEYS)
    test(`are verified, with ${JSON.stringify(algorithm)}`, async () => {
      await inWorld(algorithm, async (world) => {
        for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
          const { info, earliest, latest } = await verifyReply(world, {
            hash,
            config: [
              `signer_digest = ${hash}`,
              'accuracy = secs:1, millisecs:500, microsecs:100',
              'clock_precision_digits = 3',
              'ordering = yes',
              'tsa_name = yes',
              'ess_cert_id_chain = yes',
              `ess_cert_id_alg = ${hash}`,
            ],
          });
          assert.equal(info.messageImprint.hash, hash);
          assert.equal(info.ordering, true);
          assert.equal(info.tsa?.kind, 'directory');
          assert.equal(encodeHex(info.serialNumber), '1001');
          assert.deepEqual(info.accuracy, { seconds: 1, milliseconds: 500, microseconds: 100 });
          assert.ok(latest - earliest >= 3000 && latest - earliest <= 3002);
          assert.ok(Math.abs(Date.now() - info.genTime.milliseconds) < 600_000);
        }
        const { info } = await verifyReply(world, { hash: 'sha256', policy: '1.2.3.5' });
        assert.equal(info.policy, '1.2.3.5');
      });
    });

  test('that name their certificate by SHA-1 alone are refused', async () => {
    await inWorld({ kind: 'ec', curve: 'P-256' }, async (world) => {
      const verdict = verifyReply(world, { hash: 'sha256', config: ['ess_cert_id_alg = sha1'] });
      await assert.rejects(verdict, { code: 'X509_CMS_ATTRIBUTE' });
    });
  });

  test('that were refused say why', async () => {
    await inWorld({ kind: 'ec', curve: 'P-256' }, async (world) => {
      const verdict = verifyReply(world, { hash: 'sha256', policy: '1.2.3.6' });
      await assert.rejects(verdict, (error: unknown) => {
        assert.ok(error instanceof X509Error);
        assert.equal(error.code, 'X509_TIMESTAMP_REFUSED');
        assert.deepEqual(error.data['failures'], ['unacceptedPolicy']);
        return true;
      });
    });
  });

  test('are answers to requests of openssl, which are read', async () => {
    await inWorld({ kind: 'ec', curve: 'P-256' }, async ({ dir, tsa, openssl }) => {
      const query = ['ts', '-query', '-data', 'content', '-sha384', '-cert', '-out', 'query'];
      await openssl(...query, '-tspolicy', '1.2.3');
      const request = parseTimestampRequest(await read(dir, 'query'));
      assert.equal(request.messageImprint.hash, 'sha384');
      assert.equal(request.policy, '1.2.3');
      assert.equal(request.certReq, true);
      assert.ok((request.nonce?.length ?? 0) > 4);
      const response = await tsa.answer(request.der, { info: { policy: '1.2.3' } });
      const anchors = [tsa.root];
      await verifyTimestampResponse(response, { request, content: CONTENT, anchors });
    });
  });
});

describe('timestamps made by openssl cms', { skip }, () => {
  const PSS = ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest'];

  async function make(world: World, flags: readonly string[]): Promise<Uint8Array> {
    const { dir, tsa, openssl } = world;
    const { message } = parseTimestampToken(await tsa.token(CONTENT));
    await writeFile(join(dir, 'info'), message.content);
    const type = ['-econtent_type', '1.2.840.113549.1.9.16.1.4'];
    const signing = ['-signer', 'leaf.pem', '-inkey', 'leaf.key', '-certfile', 'chain.pem'];
    const output = ['-outform', 'DER', '-binary', '-nodetach', '-out', 'token'];
    const sign = ['cms', '-sign', '-in', 'info', '-cades', '-md', 'sha256'];
    await openssl(...sign, ...type, ...signing, ...flags, ...output);
    return read(dir, 'token');
  }

  for (const algorithm of KEYS)
    for (const flags of [['-stream'], ['-stream', '-keyid']])
      test(`in BER with ${flags.join(' ')} and ${JSON.stringify(algorithm)} come out in DER`, async () => {
        await inWorld(algorithm, async (world) => {
          const token = await make(world, flags);
          assert.equal(token[1], 0x80, 'of indefinite length');
          const { dir, tsa, openssl } = world;
          const options = { content: CONTENT, anchors: [tsa.root] };
          const verified = await verifyTimestampToken(token, options);
          assert.ok(equalBytes(verified.chain.leaf.der, tsa.chain[0]?.der ?? token));
          assert.equal(verified.token[1], 0x82);
          await writeFile(join(dir, 'token'), verified.token);
          await openssl('asn1parse', '-inform', 'DER', '-in', 'token', '-noout');
        });
      });

  test('with RSASSA-PSS are verified', async () => {
    await inWorld({ kind: 'rsa', modulusBits: 2048 }, async (world) => {
      const token = await make(world, PSS);
      const options = { content: CONTENT, anchors: [world.tsa.root] };
      await verifyTimestampToken(token, options);
      assert.equal(parseTimestampToken(token).message.signer.scheme?.kind, 'rsa-pss');
    });
  });
});

describe('timestamps of our authority under openssl', { skip }, () => {
  for (const algorithm of KEYS)
    test(`are verified, with ${JSON.stringify(algorithm)}`, async () => {
      await inWorld(algorithm, async ({ dir, tsa, openssl }) => {
        const request = await createTimestampRequest(CONTENT, { hash: 'sha256' });
        await writeFile(join(dir, 'query'), request.der);
        const text = await openssl('ts', '-query', '-in', 'query', '-text');
        assert.match(text, /Hash Algorithm: sha256/);
        assert.match(text, /Certificate required: yes/);
        const verify = ['ts', '-verify', '-in', 'reply', '-CAfile', 'root.pem'];
        for (const message of [
          {},
          { certificateHash: 'sha512' },
          { signingTime: Date.now() },
        ] as const) {
          const info = { accuracy: { seconds: 1, milliseconds: 2, microseconds: 3 } };
          await writeFile(join(dir, 'reply'), await tsa.answer(request.der, { info, message }));
          await openssl(...verify, '-queryfile', 'query');
          await openssl(...verify, '-data', 'content');
        }
        await writeFile(
          join(dir, 'reply'),
          await tsa.answer(request.der, { message: { breakSignature: true } }),
        );
        await assert.rejects(openssl(...verify, '-queryfile', 'query'));
      });
    });

  test('are refused where their certificate is for something else, there and here', async () => {
    const tsa = await makeTsa({ leaf: { extensions: [timestampingUsage(['1.3.6.1.5.5.7.3.3'])] } });
    const options = { content: CONTENT, anchors: [tsa.root] };
    await assert.rejects(verifyTimestampToken(await tsa.token(CONTENT), options), {
      code: 'X509_EXTENDED_KEY_USAGE',
    });
  });
});

describe('timestamps under pkijs', () => {
  test('say the same there', async () => {
    const tsa = await makeTsa();
    const request = await createTimestampRequest(CONTENT, { hash: 'sha512' });
    const response = await tsa.answer(request.der, { info: { accuracy: { seconds: 1 } } });
    const theirs = pkijs.TimeStampReq.fromBER(request.der);
    assert.equal(theirs.certReq, true);
    assert.deepEqual(
      new Uint8Array(theirs.messageImprint.hashedMessage.valueBlock.valueHexView),
      request.messageImprint.hashedMessage,
    );
    const { token } = parseTimestampResponse(response);
    assert.ok(token !== undefined);
    const { message, info } = parseTimestampToken(token);
    const answer = pkijs.TimeStampResp.fromBER(response);
    assert.equal(answer.status.status, 0);
    const tstInfo = pkijs.TSTInfo.fromBER(message.content);
    assert.equal(tstInfo.policy, info.policy);
    assert.equal(tstInfo.genTime.getTime(), info.genTime.milliseconds);
    assert.deepEqual(tstInfo.serialNumber.valueBlock.valueHexView, info.serialNumber);
    assert.deepEqual(tstInfo.nonce?.valueBlock.valueHexView, info.nonce);
    assert.equal(tstInfo.accuracy?.seconds, info.accuracy?.seconds);
  });
});
