import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { errorDocs, errorTables } from '../scripts/error-docs.ts';
import { ROOT } from '../scripts/run-command.ts';

test('docs/errors.md lists exactly the codes of the packages', async () => {
  assert.equal(
    await readFile(`${ROOT}/docs/errors.md`, 'utf8'),
    await errorDocs(),
    'out of date: run sh scripts/node.sh scripts/error-docs.ts',
  );
});

test('every error code is raised somewhere', async () => {
  const unused: string[] = [];
  for (const [name, table] of await errorTables()) {
    let sources = '';
    for await (const file of glob(`${ROOT}/packages/${name}/src/**/*.ts`))
      if (!file.endsWith('.test.ts')) sources += await readFile(file, 'utf8');
    // in the table a code is a key without quotes
    unused.push(...Object.keys(table).filter((code) => !sources.includes(`'${code}'`)));
  }
  assert.deepEqual(unused, []);
});

test('no code stands in two packages', async () => {
  const seen = new Map<string, string>();
  for (const [name, table] of await errorTables())
    for (const code of Object.keys(table)) {
      assert.equal(seen.get(code), undefined, `${code} stands in @nv2/${name} too`);
      seen.set(code, name);
    }
});
