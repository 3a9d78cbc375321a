import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { cliDocs } from './docs.ts';

test('docs/cli.md is what the table of commands says', async () => {
  const file = new URL('../../../docs/cli.md', import.meta.url);
  assert.equal(await readFile(file, 'utf8'), cliDocs(), 'run scripts/generate-cli-docs.ts');
});
