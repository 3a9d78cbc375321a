// The command line with the services of others around it, and its cache of CRLs beside notation-go's.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Site, withSite } from '../test/embedded-registry.ts';
import { GOOD } from './differential/verdicts/dimensions.ts';
import { askNv2, askReference, type Finding } from './differential/verdicts/judges.ts';
import { questionOf } from './differential/verdicts/question.ts';
import { makeWorld, type World } from './differential/verdicts/world.ts';
import { execute, NOTATION } from './execute.ts';
import { skipWithoutPeers } from './peers.ts';
import { writeMember, writePem } from './services/authority.ts';

const SIGNATURES = [
  'OCSP good',
  'OCSP revoked',
  'CRL good',
  'CRL revoked',
  'CRL with delta, revoked',
];
const LISTS = SIGNATURES.filter((state) => state.startsWith('CRL'));

const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'all',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict', verifyTimestamp: 'always' },
      trustStores: ['ca:root', 'tsa:right'],
      trustedIdentities: ['*'],
    },
  ],
};

const skip = await skipWithoutPeers('nv2-peer', 'openssl', 'timestamp-server');

describe('the command line with the services of others', { skip }, () => {
  let dir = '';
  let world: World;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nv2-services-cli-'));
    world = await makeWorld(dir);
    await writeFile(join(world.configDir, 'trustpolicy.oci.json'), JSON.stringify(POLICY));
    await writeMember(dir, 'signer', world.leaf);
  });

  after(async () => {
    await world.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const notation = (args: readonly string[]): Promise<string> => {
    const env = { NOTATION_CONFIG: world.configDir, NOTATION_CACHE: join(dir, 'cache') };
    return execute(NOTATION, args, { cwd: dir, env });
  };

  /** Signs the image of a site by a certificate in this state, with a timestamp. */
  async function sign({ image }: Site, revocation: string): Promise<void> {
    const certPath = join(dir, 'chain.pem');
    await writePem(certPath, ...(await world.chainOf({ revocation, validity: 'valid' })));
    const key = { name: 'signer', keyPath: join(dir, 'signer.key'), certPath };
    const keys = JSON.stringify({ default: 'signer', keys: [key] });
    await writeFile(join(world.configDir, 'signingkeys.json'), keys);
    const { url, root } = world.timestamps.foreign['openssl ts'];
    await writePem(join(dir, 'tsa-root.pem'), root);
    const timestamp = ['--timestamp-url', url, '--timestamp-root-cert', 'tsa-root.pem'];
    await notation(['sign', '--insecure-registry', ...timestamp, image]);
  }

  for (const state of SIGNATURES) {
    const isGood = state.endsWith('good');
    test(`${state}: ${isGood ? 'verified' : 'refused, with the reason in the log'}`, async () => {
      await withSite(async (site) => {
        await sign(site, state);
        const verifying = notation(['verify', '--insecure-registry', '-d', site.image]);
        if (isGood) {
          assert.match(await verifying, /Successfully verified signature for /);
        } else {
          await assert.rejects(verifying, ({ code, stderr }: { code: number; stderr: string }) => {
            assert.equal(code, 1);
            assert.match(stderr, /revocation validation failed.*revoked/);
            assert.match(stderr, /signature verification failed/);
            return true;
          });
        }
      });
    });
  }
});

describe('CRLs that one side has kept', { skip }, () => {
  for (const first of ['nv2', 'notation-go'] as const) {
    test(`are read by the other where ${first} was first, once their service is gone`, async () => {
      const dir = await mkdtemp(join(tmpdir(), 'nv2-crl-cache-'));
      try {
        const [kept, read] = await inTurn(dir, first);
        assert.deepEqual(
          kept.map(({ verdict }) => verdict),
          ['accepted', 'refused', 'refused'],
        );
        assert.deepEqual(read, kept);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    });
  }

  /** What the first finds while there are services, and the second with the first one's cache alone. */
  async function inTurn(
    dir: string,
    first: 'nv2' | 'notation-go',
  ): Promise<readonly [readonly Finding[], readonly Finding[]]> {
    const [ask, askThen] = first === 'nv2' ? [askNv2, askReference] : [askReference, askNv2];
    const world = await makeWorld(dir);
    const written = join(dir, 'written');
    const copied = join(dir, 'copied');
    try {
      const questions = await Promise.all(
        LISTS.map((revocation) => questionOf({ ...GOOD, revocation }, world)),
      );
      const kept = await ask(questions, { world, crlCache: written });
      await world.stop();
      assert.equal((await readdir(written)).length, 2, 'one file for each URL');
      await cp(written, copied, { recursive: true });
      return [kept, await askThen(questions, { world, crlCache: copied })];
    } finally {
      await world.stop();
    }
  }
});
