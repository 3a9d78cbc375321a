import assert from 'node:assert/strict';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodePem } from '@nv2/core';
import { directoryRevocation, MAX_OFFLINE_BYTES, MAX_OFFLINE_FILES } from '@nv2/notary';
import { makeOcspError, withTempDir } from '@nv2/testkit';
import { causes } from './fixture.ts';
import { crl, judgeBy, made } from './kept-answers.ts';

describe('a directory of answers', () => {
  const unreadable: Readonly<Record<string, readonly [(dir: string) => Promise<unknown>, RegExp]>> =
    {
      'does not exist': [(dir) => rm(dir, { recursive: true }), /answers does not exist/],
      'is a file': [
        async (dir) => {
          await rm(dir, { recursive: true });
          await writeFile(dir, '');
        },
        /answers does not exist/,
      ],
      'holds a directory': [
        (dir) => mkdir(join(dir, 'sub')),
        /\/sub is not a regular file but a directory$/,
      ],
      'holds a link to a device': [
        (dir) => symlink('/dev/zero', join(dir, 'zero')),
        /\/zero is not a regular file but a device$/,
      ],
      'holds a link to a directory': [
        (dir) => symlink('.', join(dir, 'here')),
        /\/here is not a regular file but a directory$/,
      ],
      'holds a link to nowhere': [
        (dir) => symlink('nowhere', join(dir, 'gone')),
        /\/gone does not/,
      ],
      'holds a file of something else': [
        (dir) => writeFile(join(dir, 'notes'), 'what is this'),
        /\/notes: it holds neither a CRL nor an OCSP response/,
      ],
      'holds an empty file': [
        (dir) => writeFile(join(dir, 'empty'), ''),
        /\/empty: it holds neither/,
      ],
      'holds a certificate': [
        (dir) => writeFile(join(dir, 'c.pem'), encodePem('CERTIFICATE', made.root.der)),
        /\/c\.pem: expected blocks X509 CRL and OCSP RESPONSE, got CERTIFICATE/,
      ],
      'holds half of a CRL': [
        async (dir) => writeFile(join(dir, 'half'), (await crl('good')).subarray(0, 100)),
        /in .*\/half: /,
      ],
      'holds a CRL with something after it': [
        async (dir) =>
          writeFile(join(dir, 'more'), Buffer.concat([await crl('good'), made.root.der])),
        /in .*\/more: /,
      ],
      'holds PEM with a CRL in DER after it': [
        async (dir) => {
          const [good, revoked] = [encodePem('X509 CRL', await crl('good')), await crl('revoked')];
          await writeFile(join(dir, 'all'), Buffer.concat([Buffer.from(good), revoked]));
        },
        /in .*\/all: PEM: text outside the blocks/,
      ],
      'holds PEM with base64 outside its blocks': [
        async (dir) => {
          const [good, revoked] = [encodePem('X509 CRL', await crl('good')), await crl('revoked')];
          const bare = Buffer.from(revoked).toString('base64');
          await writeFile(join(dir, 'all'), `${good}${bare}\n`);
        },
        /in .*\/all: PEM: text outside the blocks/,
      ],
      'holds the refusal of a responder': [
        (dir) => writeFile(join(dir, 'later'), makeOcspError(3)),
        /\/later: the OCSP response says tryLater and nothing else/,
      ],
      'holds more bytes than are read': [
        async (dir) => {
          await writeFile(join(dir, 'huge'), '');
          await truncate(join(dir, 'huge'), MAX_OFFLINE_BYTES + 1);
        },
        /with .*\/huge the answers of its directory have more than 67108864 bytes/,
      ],
      'holds more files than are read': [
        async (dir) => {
          for (let i = 0; i < MAX_OFFLINE_FILES; i++) await writeFile(join(dir, `${i}`), '');
        },
        /has 1001 files, at most 1000 are read/,
      ],
    };
  for (const [what, [spoil, reason]] of Object.entries(unreadable)) {
    test(`that ${what} decides nothing, and the error names what is wrong`, async () => {
      await withTempDir(async (parent) => {
        const directory = join(parent, 'answers');
        await mkdir(directory);
        await writeFile(join(directory, 'a.crl'), await crl('good'));
        await spoil(directory);
        const verdict = await judgeBy(directory);
        assert.equal(verdict.outcome, 'unavailable');
        assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_OFFLINE_UNREADABLE']);
        assert.match(verdict.signatures[0]?.cause?.message ?? '', reason);
      });
    });
  }

  test('is read through links, and without what begins with a dot', async () => {
    await withTempDir(async (directory) => {
      // as a directory is mounted that a cluster keeps
      await mkdir(join(directory, '..data'));
      await writeFile(join(directory, '..data', 'a.crl'), await crl('good'));
      await symlink(join('..data', 'a.crl'), join(directory, 'a.crl'));
      assert.equal((await judgeBy(directory)).outcome, 'verified');
    });
  });

  test('is read when it is first asked for, and once only', async () => {
    await withTempDir(async (directory) => {
      const offlineRevocation = directoryRevocation();
      await writeFile(join(directory, 'a.crl'), await crl('good'));
      assert.equal((await judgeBy(directory, { offlineRevocation })).outcome, 'verified');
      await writeFile(join(directory, 'a.crl'), await crl('revoked'));
      assert.equal((await judgeBy(directory, { offlineRevocation })).outcome, 'verified');
      assert.deepEqual(causes(await judgeBy(directory)), ['NOTARY_CERTIFICATE_REVOKED']);
    });
  });

  test('has another digest once its contents change', async () => {
    await withTempDir(async (directory) => {
      const digests = new Set<string>();
      for (const content of [await crl('good'), await crl('revoked')]) {
        await writeFile(join(directory, 'a.crl'), content);
        const { digest, answers } = await directoryRevocation().summary(directory);
        assert.equal(answers, 1);
        digests.add(digest);
      }
      assert.equal(digests.size, 2);
    });
  });
});
