import assert from 'node:assert/strict';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeClock, withTempDir } from '@nv2/testkit';
import { lockFile } from './file-lock.ts';

const LONG_AGO = 1_000_000;

/** Runs with a lock file of this content in place, as old as asked for. */
async function withHeld(
  content: (ours: string) => string,
  use: (path: string) => Promise<void>,
  options: { readonly old?: boolean; readonly guard?: boolean } = {},
): Promise<void> {
  await withTempDir(async (dir) => {
    const path = join(dir, 'lock');
    const lock = await lockFile(path, { timeoutMs: 0 });
    const ours = await readFile(path, 'utf8');
    await lock?.release();
    assert.deepEqual(await readdir(dir), []);
    for (const file of options.guard ? [path, `${path}.takeover`] : [path]) {
      await writeFile(file, content(ours));
      if (options.old) await utimes(file, LONG_AGO, LONG_AGO);
    }
    await use(path);
  });
}

const inAnotherSpace = (ours: string): string => ours.replace('"space":"', '"space":"elsewhere ');
const ofDeadProcess = (ours: string): string => ours.replace(/"pid":\d+/, '"pid":4194305');
const ofReusedNumber = (ours: string): string =>
  ours.replace(/"started":"[^"]*"/, '"started":"1"').replace(/"pid":\d+/, `"pid":${process.ppid}`);

test('a lock is held by one at a time', async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, 'lock');
    let inside = 0;
    const work = async (): Promise<void> => {
      const lock = await lockFile(path, { timeoutMs: 60_000 });
      assert.equal(++inside, 1);
      await readdir(dir);
      inside--;
      await lock?.release();
    };
    await Promise.all(Array.from({ length: 12 }, work));
    assert.deepEqual(await readdir(dir), []);
  });
});

test('a holder that lives is respected until time is up', async () => {
  await withHeld(
    (ours) => ours,
    async (path) => {
      const clock = fakeClock({ automatic: true });
      assert.equal(await lockFile(path, { timeoutMs: 200, clock }), undefined);
    },
  );
});

for (const [name, content] of Object.entries({ ofDeadProcess, ofReusedNumber })) {
  test(`a lock ${name} is taken over, whatever a takeover that died has left`, async () => {
    for (const guard of [false, true]) {
      await withHeld(
        content,
        async (path) => {
          const lock = await lockFile(path, { timeoutMs: 0 });
          assert.ok(lock);
          await lock.release();
        },
        { guard },
      );
    }
  });
}

for (const [name, content] of Object.entries({
  inAnotherSpace,
  unreadable: () => 'x',
  empty: () => '',
})) {
  test(`a lock ${name} is taken over after a minute without a sign of life, and not before`, async () => {
    await withHeld(content, async (path) => {
      assert.equal(await lockFile(path, { timeoutMs: 0 }), undefined);
    });
    await withHeld(
      content,
      async (path) => {
        const lock = await lockFile(path, { timeoutMs: 0 });
        assert.ok(lock);
        await lock.release();
      },
      { old: true },
    );
  });
}

test('a lock that cannot be made is the error of the file system', async () => {
  await assert.rejects(lockFile('/nonexistent/lock', { timeoutMs: 0 }), { code: 'ENOENT' });
});
