// CRLs and OCSP messages across from the openssl command: ours read there, and its read here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { defaultCrypto, encodeHex, encodePem, type KeySpec, type PrivateKey } from '@nv2/core';
import { makeCrl, makeOcspResponse, type TestAuthority, withTempDir } from '@nv2/testkit';
import {
  type Certificate,
  checkCrl,
  checkOcspResponse,
  encodeOcspRequest,
  type OcspFinding,
  parseCrl,
  parseOcspResponse,
  type RevocationFinding,
} from '@nv2/x509';
import { peer, skipWithoutPeers } from './peers.ts';
import { CA, issue, type Member, RESPONDER, writeMember, writePem } from './services/authority.ts';
import { type DatabaseEntry, makeOpensslCrl, writeDatabase } from './services/openssl-ca.ts';

const HOUR = 60 * 60 * 1000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const KEYS: readonly KeySpec[] = [
  { kind: 'ec', curve: 'P-256' },
  { kind: 'rsa', modulusBits: 2048 },
];

interface World {
  readonly dir: string;
  readonly ca: Member;
  readonly responder: Member;
  /** Serial numbers 0x1001 and on: good, revoked, on hold, with an invalidity date. */
  readonly leaves: readonly Certificate[];
}

async function makeWorld(dir: string, spec: KeySpec): Promise<World> {
  const ca = await issue('CA', { spec, changes: CA });
  const responder = await issue('responder', {
    spec,
    issuer: ca,
    changes: { ...RESPONDER, serialNumber: Uint8Array.of(0x20, 1) },
  });
  const leaves: Certificate[] = [];
  for (let i = 1; i <= 4; i++) {
    const serialNumber = Uint8Array.of(0x10, i);
    const changes = { serialNumber, keyUsage: ['digitalSignature'] as const };
    const { certificate } = await issue(`leaf ${i}`, {
      spec: KEYS[0] ?? spec,
      issuer: ca,
      changes,
    });
    leaves.push(certificate);
    await writePem(join(dir, `leaf${i}.pem`), certificate);
  }
  for (const [name, member] of Object.entries({ ca, responder }))
    await writeMember(dir, name, member);
  await writeDatabase(join(dir, 'index.txt'), databaseOf(leaves));
  return { dir, ca, responder, leaves };
}

/** What `openssl ca` and `openssl ocsp` know of the certificates. */
function databaseOf(leaves: readonly Certificate[]): readonly DatabaseEntry[] {
  const at = NOW - HOUR;
  const revoked: readonly DatabaseEntry['revoked'][] = [
    undefined,
    { at, reason: 'superseded' },
    { at, reason: 'certificateHold' },
    { at, reason: 'keyCompromise', invalidityDate: NOW - 2 * HOUR },
  ];
  return leaves.map(({ serialNumber }, i) => ({
    serialNumber,
    ...(revoked[i] && { revoked: revoked[i] }),
  }));
}

/** Runs openssl; resolves to what it printed, whatever its exit code. */
async function openssl(dir: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(await peer('openssl'), args, { cwd: dir });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}(failed)`;
  }
}

async function writeCrl({ dir }: World, der: Uint8Array): Promise<void> {
  await writeFile(join(dir, 'ours.crl'), encodePem('X509 CRL', der));
}

async function findings(world: World, crl: Uint8Array): Promise<readonly RevocationFinding[]> {
  const base = parseCrl(crl);
  return Promise.all(
    world.leaves.map((certificate) =>
      checkCrl({ certificate, issuer: world.ca.certificate, base, at: Date.now() }),
    ),
  );
}

const skip = await skipWithoutPeers('openssl');

for (const spec of KEYS) {
  const title = spec.kind === 'ec' ? 'ECDSA' : 'RSA';
  describe(`revocation messages signed with ${title}, across from openssl`, { skip }, () => {
    test('a CRL of openssl ca means the same here', () =>
      withTempDir(async (dir) => {
        const world = await makeWorld(dir, spec);
        const extensions = ['issuingDistributionPoint=critical,@point', '[point]', 'onlyuser=TRUE'];
        const der = await makeOpensslCrl(dir, { crlNumber: 0x2a, extensions });
        const [good, revoked, hold, invalid] = await findings(world, der);
        assert.equal(good?.status, 'good');
        assert.ok(revoked?.status === 'revoked' && hold?.status === 'revoked');
        assert.ok(invalid?.status === 'revoked');
        assert.equal(revoked.reason, 'superseded');
        assert.equal(revoked.revokedAt, NOW - HOUR);
        assert.equal(hold.reason, 'certificateHold');
        assert.equal(invalid.reason, 'keyCompromise');
        assert.equal(invalid.invalidityDate, NOW - 2 * HOUR);
        assert.equal(parseCrl(der).crlNumber, 0x2an);
        assert.equal(parseCrl(der).issuingDistributionPoint?.onlyContainsUserCerts, true);
      }));

    test('our CRLs, base and delta, are verified and read by openssl', () =>
      withTempDir(async (dir) => {
        const world = await makeWorld(dir, spec);
        const [, two, three] = world.leaves;
        assert.ok(two && three);
        const template = {
          issuer: world.ca,
          thisUpdate: NOW,
          crlNumber: 7,
          entries: [
            { serialNumber: two.serialNumber, revokedAt: NOW - HOUR, reasonCode: 1 },
            {
              serialNumber: three.serialNumber,
              revokedAt: NOW,
              reasonCode: 6,
              invalidityDate: NOW,
            },
          ],
        };
        await writeCrl(world, await makeCrl(template));
        const read = ['crl', '-in', 'ours.crl', '-CAfile', 'ca.pem', '-noout', '-text'];
        const text = await openssl(dir, ...read);
        assert.match(text, /verify OK/);
        assert.match(text, /X509v3 CRL Number: \n +7/);
        assert.match(text, /Serial Number: 1002[\s\S]*Key Compromise/);
        assert.match(text, /Serial Number: 1003[\s\S]*Certificate Hold/);
        assert.match(text, /Invalidity Date/);
        const check = ['verify', '-crl_check', '-CRLfile', 'ours.crl', '-CAfile', 'ca.pem'];
        assert.match(await openssl(dir, ...check, 'leaf1.pem'), /leaf1.pem: OK/);
        assert.match(await openssl(dir, ...check, 'leaf2.pem'), /certificate revoked/);
        await writeCrl(world, await makeCrl({ ...template, baseCrlNumber: 6 }));
        assert.match(await openssl(dir, ...read), /Delta CRL Indicator[\s\S]*verify OK/);
        await writeCrl(world, await makeCrl({ ...template, signer: world.responder.key }));
        assert.match(await openssl(dir, ...read), /verify failure/);
      }));

    test('answers of openssl ocsp to our requests mean the same here', () =>
      withTempDir(async (dir) => {
        const world = await makeWorld(dir, spec);
        for (const [rsigner, hash] of [
          ['ca', 'sha1'],
          ['responder', 'sha256'],
        ] as const) {
          const answers = await Promise.all(
            world.leaves.map((certificate) => askOpenssl(world, { certificate, rsigner, hash })),
          );
          assert.deepEqual(
            answers.map((finding) =>
              finding.status === 'revoked' ? finding.reason : finding.status,
            ),
            ['good', 'superseded', 'certificateHold', 'keyCompromise'],
          );
          const kinds = answers.map((f) =>
            f.status === 'unknown' ? f.why.code : f.responder.kind,
          );
          const expected = rsigner === 'ca' ? 'issuer' : 'delegated';
          assert.deepEqual(new Set(kinds), new Set([expected]));
        }
        const stranger = await askOpenssl(world, {
          certificate: world.responder.certificate,
          rsigner: 'ca',
          hash: 'sha1',
        });
        assert.ok(stranger.status === 'unknown' && stranger.why.code === 'X509_OCSP_UNKNOWN');
      }));

    test('our OCSP responses are verified and read by openssl', () =>
      withTempDir(async (dir) => {
        const world = await makeWorld(dir, spec);
        const [certificate] = world.leaves;
        assert.ok(certificate);
        const judge = async (
          status: 'good' | 'unknown' | { revokedAt: number; reason: number },
          more: { responder?: TestAuthority; signer?: PrivateKey } = {},
        ): Promise<string> => {
          const answers = [{ certificate, thisUpdate: NOW, status }];
          const der = await makeOcspResponse({ issuer: world.ca, answers, ...more });
          await writeFile(join(dir, 'ours.der'), der);
          const about = ['-issuer', 'ca.pem', '-cert', 'leaf1.pem', '-CAfile', 'ca.pem'];
          return openssl(dir, 'ocsp', '-respin', 'ours.der', ...about, '-no_nonce');
        };
        const responder = world.responder;
        assert.match(await judge('good', { responder }), /leaf1.pem: good/);
        assert.match(await judge('good', { responder }), /Response verify OK/);
        assert.match(await judge('unknown', { responder }), /leaf1.pem: unknown/);
        const revoked = await judge({ revokedAt: NOW - HOUR, reason: 1 }, { responder });
        assert.match(revoked, /leaf1.pem: revoked[\s\S]*Reason: keyCompromise/);
        assert.match(await judge('good', { responder, signer: world.ca.key }), /Verify Failure/i);
      }));
  });
}

/** What `openssl ocsp` answers to our request, without a network between. */
async function askOpenssl(
  world: World,
  ask: { certificate: Certificate; rsigner: 'ca' | 'responder'; hash: 'sha1' | 'sha256' },
): Promise<OcspFinding> {
  const { dir, ca } = world;
  const { certificate, rsigner, hash } = ask;
  const name = `${encodeHex(certificate.serialNumber)}-${rsigner}`;
  const nonce = defaultCrypto.randomBytes(32);
  const issuer = ca.certificate;
  const request = await encodeOcspRequest({ certificate, issuer, hash, nonce });
  await writeFile(join(dir, `${name}.req`), request);
  const said = await openssl(
    dir,
    ...['ocsp', '-index', 'index.txt', '-CA', 'ca.pem', '-ndays', '1'],
    ...['-rsigner', `${rsigner}.pem`, '-rkey', `${rsigner}.key`],
    ...['-reqin', `${name}.req`, '-respout', `${name}.resp`],
  );
  assert.doesNotMatch(said, /failed/);
  const response = parseOcspResponse(new Uint8Array(await readFile(join(dir, `${name}.resp`))));
  assert.deepEqual(response.basic?.nonce, nonce);
  return checkOcspResponse({ certificate, issuer, at: Date.now(), response, nonce });
}
