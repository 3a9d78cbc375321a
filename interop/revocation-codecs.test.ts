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
  ATTRIBUTE,
  type Certificate,
  type CertificateTemplate,
  checkCrl,
  checkOcspResponse,
  EXTENDED_KEY_USAGE,
  encodeOcspRequest,
  issueCertificate,
  type OcspFinding,
  parseCrl,
  parseOcspResponse,
  type RevocationFinding,
} from '@nv2/x509';
import { peer, skipWithoutPeers } from './peers.ts';

const HOUR = 60 * 60 * 1000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const KEYS: readonly KeySpec[] = [
  { kind: 'ec', curve: 'P-256' },
  { kind: 'rsa', modulusBits: 2048 },
];

interface Member extends TestAuthority {
  readonly pkcs8: Uint8Array;
}

interface World {
  readonly dir: string;
  readonly ca: Member;
  readonly responder: Member;
  /** Serial numbers 0x1001 and on: good, revoked, on hold, with an invalidity date. */
  readonly leaves: readonly Certificate[];
}

async function issue(
  commonName: string,
  options: { spec: KeySpec; changes: Partial<CertificateTemplate>; issuer?: TestAuthority },
): Promise<Member> {
  const { key, pkcs8 } = await defaultCrypto.generateKey(options.spec);
  const template: CertificateTemplate = {
    subject: [
      { type: ATTRIBUTE.organization, value: 'Notary' },
      { type: ATTRIBUTE.commonName, value: commonName },
    ],
    notBefore: NOW - HOUR,
    notAfter: NOW + 240 * HOUR,
    spki: key.spki,
    ...options.changes,
  };
  return { key, pkcs8, certificate: await issueCertificate(template, options.issuer ?? { key }) };
}

async function makeWorld(dir: string, spec: KeySpec): Promise<World> {
  const ca = await issue('CA', {
    spec,
    changes: { basicConstraints: { ca: true }, keyUsage: ['keyCertSign', 'cRLSign'] },
  });
  const responder = await issue('responder', {
    spec,
    issuer: ca,
    changes: {
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [EXTENDED_KEY_USAGE.ocspSigning],
      serialNumber: Uint8Array.of(0x20, 1),
    },
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
  for (const [name, member] of Object.entries({ ca, responder })) {
    await writePem(join(dir, `${name}.pem`), member.certificate);
    await writeFile(join(dir, `${name}.key`), encodePem('PRIVATE KEY', member.pkcs8));
  }
  await writeDatabase(dir);
  return { dir, ca, responder, leaves };
}

async function writePem(path: string, { der }: Certificate): Promise<void> {
  await writeFile(path, encodePem('CERTIFICATE', der));
}

const utc = (at: number): string =>
  `${new Date(at).toISOString().replace(/^..|\..*$|[-:T]/g, '')}Z`;

/** What `openssl ca` and `openssl ocsp` know of the certificates. */
async function writeDatabase(dir: string): Promise<void> {
  const expiry = utc(NOW + 240 * HOUR);
  const revoked = utc(NOW - HOUR);
  const soundUntil = `20${utc(NOW - 2 * HOUR)}`;
  const lines = [
    `V\t${expiry}\t\t1001\tunknown\t/O=Notary/CN=leaf 1`,
    `R\t${expiry}\t${revoked},superseded\t1002\tunknown\t/O=Notary/CN=leaf 2`,
    `R\t${expiry}\t${revoked},certificateHold\t1003\tunknown\t/O=Notary/CN=leaf 3`,
    `R\t${expiry}\t${revoked},keyTime,${soundUntil}\t1004\tunknown\t/O=Notary/CN=leaf 4`,
  ];
  await writeFile(join(dir, 'index.txt'), `${lines.join('\n')}\n`);
  await writeFile(join(dir, 'crlnumber'), '2A\n');
  const config = [
    '[ca]\ndefault_ca=here\n[here]',
    `database=${dir}/index.txt\ncrlnumber=${dir}/crlnumber`,
    'default_md=sha256\ndefault_crl_hours=2\ncrl_extensions=extensions',
    '[extensions]\nissuingDistributionPoint=critical,@point',
    '[point]\nonlyuser=TRUE\n',
  ];
  await writeFile(join(dir, 'ca.cnf'), config.join('\n'));
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
        const out = ['-keyfile', 'ca.key', '-cert', 'ca.pem', '-out', 'theirs.pem'];
        const said = await openssl(dir, 'ca', '-config', 'ca.cnf', '-gencrl', ...out);
        assert.doesNotMatch(said, /failed/);
        await openssl(dir, 'crl', '-in', 'theirs.pem', '-outform', 'DER', '-out', 'theirs.crl');
        const der = new Uint8Array(await readFile(join(dir, 'theirs.crl')));
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
