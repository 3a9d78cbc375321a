// Answers that openssl wrote, kept in a directory in place of the services.
import assert from 'node:assert/strict';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type CertificateStatus, directoryRevocation } from '@nv2/notary';
import { crlDistributionPoints, withTempDir } from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';
import { execute } from './execute.ts';
import { peer, skipWithoutPeers } from './peers.ts';
import { CA, issue, type Member, RESPONDER, writeMember, writePem } from './services/authority.ts';
import { makeOpensslCrl, writeDatabase } from './services/openssl-ca.ts';

const HOUR = 60 * 60 * 1000;

interface World {
  readonly dir: string;
  readonly ca: Member;
  readonly good: Certificate;
  readonly revoked: Certificate;
}

async function makeWorld(dir: string): Promise<World> {
  const ca = await issue('CA', { changes: CA });
  const responder = await issue('responder', { issuer: ca, changes: RESPONDER });
  const leaf = async (name: string): Promise<Certificate> => {
    const extensions = [crlDistributionPoints('http://crl.example/')];
    const { certificate } = await issue(name, { issuer: ca, changes: { extensions } });
    await writePem(join(dir, `${name}.pem`), certificate);
    return certificate;
  };
  const [good, revoked] = [await leaf('good'), await leaf('revoked')];
  for (const [name, member] of Object.entries({ ca, responder }))
    await writeMember(dir, name, member);
  await writeDatabase(join(dir, 'index.txt'), [
    { serialNumber: good.serialNumber },
    {
      serialNumber: revoked.serialNumber,
      revoked: { at: Date.now() - HOUR, reason: 'keyCompromise' },
    },
  ]);
  await mkdir(join(dir, 'kept'));
  return { dir, ca, good, revoked };
}

/** What `openssl ocsp` answers about a certificate, written to a file of the directory. */
async function keepResponse(
  { dir }: World,
  name: string,
  { signer, days }: { readonly signer: string; readonly days: number },
): Promise<void> {
  const about = ['-issuer', 'ca.pem', '-cert', `${name}.pem`, '-no_nonce'];
  const by = ['-CA', 'ca.pem', '-rsigner', `${signer}.pem`, '-rkey', `${signer}.key`];
  const made = ['-ndays', String(days), '-respout', join('kept', `${name}.der`)];
  const args = ['ocsp', '-index', 'index.txt', ...about, ...by, ...made, '-noverify'];
  await execute(await peer('openssl'), args, { cwd: dir });
}

async function statusOf(
  { dir, ca }: World,
  leaf: Certificate,
  { at = Date.now(), maxAgeSeconds = 24 * 60 * 60 } = {},
): Promise<CertificateStatus | undefined> {
  const { checker } = directoryRevocation();
  const ask = checker({ directory: join(dir, 'kept'), maxAgeSeconds });
  return (await ask([leaf, ca.certificate], { at }))[0];
}

const skip = await skipWithoutPeers('openssl');

describe('kept answers of openssl', { skip }, () => {
  for (const file of ['crl.der', 'crl.pem']) {
    test(`a CRL in ${file} decides about every certificate of its authority`, async () => {
      await withTempDir(async (dir) => {
        const world = await makeWorld(dir);
        await makeOpensslCrl(dir);
        await copyFile(join(dir, file), join(dir, 'kept', file));
        assert.equal((await statusOf(world, world.good))?.status, 'good');
        assert.equal((await statusOf(world, world.revoked))?.status, 'revoked');
        const later = { at: Date.now() + 2 * HOUR };
        assert.equal((await statusOf(world, world.good, later))?.status, 'unknown');
        const strict = { maxAgeSeconds: 60 };
        assert.equal((await statusOf(world, world.good, strict))?.status, 'unknown');
      });
    });
  }

  for (const signer of ['ca', 'responder']) {
    test(`an OCSP response signed by the ${signer} decides about its certificate alone`, async () => {
      await withTempDir(async (dir) => {
        const world = await makeWorld(dir);
        await keepResponse(world, 'good', { signer, days: 1 });
        assert.equal((await statusOf(world, world.good))?.status, 'good');
        assert.equal((await statusOf(world, world.revoked))?.status, 'unknown');
        await keepResponse(world, 'revoked', { signer, days: 1 });
        assert.equal((await statusOf(world, world.revoked))?.status, 'revoked');
        const later = { at: Date.now() + 25 * HOUR, maxAgeSeconds: 48 * 60 * 60 };
        assert.equal((await statusOf(world, world.good, later))?.status, 'unknown');
        await rm(join(dir, 'kept'), { recursive: true });
        await assert.rejects(statusOf(world, world.good), {
          code: 'NOTARY_REVOCATION_OFFLINE_UNREADABLE',
        });
      });
    });
  }
});
