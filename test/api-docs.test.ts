import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { readApi } from '../scripts/api.ts';
import { ROOT } from '../scripts/run-command.ts';
import { runProcess } from './run-process.ts';

describe('the API reference', () => {
  before(async () => {
    const { code, output } = await runProcess('sh', ['scripts/node.sh', 'scripts/api-docs.ts']);
    assert.equal(code, 0, output);
  });

  test('has every name that an entry exports', async () => {
    for (const { name: entry, exports } of await readApi()) {
      const documented = new Set(exports.map(({ name }) => name));
      const loaded = Object.keys((await import(entry)) as object);
      assert.deepEqual(
        loaded.filter((name) => !documented.has(name)),
        [],
        entry,
      );
    }
  });

  test('has a doc comment for every public name', async () => {
    const entries = await readApi();
    const bare = entries.flatMap(({ exports }) => exports.filter(({ doc }) => !doc));
    assert.deepEqual(
      bare.map(({ file, name }) => `${file}: ${name}`),
      [],
    );
  });

  test('has each declaration whole, and under its own comment', async () => {
    const entries = await readApi();
    const cut = entries.flatMap(({ exports }) =>
      exports.filter(
        ({ doc = '', declaration }) => doc.includes('*/') || !/[;}]$/.test(declaration.trimEnd()),
      ),
    );
    assert.deepEqual(
      cut.map(({ file, name }) => `${file}: ${name}`),
      [],
    );
  });

  test('is written for every entry, and its first page lists them', async () => {
    const index = await readFile(join(ROOT, 'dist/docs/README.md'), 'utf8');
    const page = await readFile(join(ROOT, 'dist/docs/notary-judge.md'), 'utf8');
    for (const { name } of await readApi()) assert.ok(index.includes(`[${name}]`), name);
    assert.match(page, /^## verifySignatures\n\nDecides whether the trust policy accepts/m);
  });
});
