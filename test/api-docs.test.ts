import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type ApiExport, readApi } from '../scripts/api.ts';
import { ROOT } from '../scripts/run-command.ts';
import { runProcess } from './run-process.ts';

/** Types of TypeScript and of Node that declarations name, besides what is global where they run. */
const OF_PLATFORM: ReadonlySet<string> = new Set([
  ...['AsyncGenerator', 'AsyncIterable', 'AsyncIterator', 'Generator', 'Iterable'],
  ...['Exclude', 'Extract', 'Omit', 'Parameters', 'Partial', 'Pick', 'Readonly', 'Record'],
  ...['LookupFunction', 'Required'],
  ...['IncomingMessage', 'NodeJS', 'ReadonlyMap', 'ReadonlySet', 'ResponseInit', 'ServerResponse'],
]);

/** The types that a declaration names, without its own parameters. */
function typesIn({ name, declaration }: ApiExport): readonly string[] {
  const code = declaration.replace(/\/\*\*[\s\S]*?\*\/|(['"`]).*?\1/g, '');
  const [, parameters = ''] = new RegExp(`\\b${name}<([^>]*)>`).exec(code) ?? [];
  const own = new Set([name, ...parameters.split(/\W+/)]);
  const named = [...code.matchAll(/(?<![.\w])[A-Z][a-z]\w*/g)].map(([type]) => type);
  return [...new Set(named)].filter(
    (type) => !own.has(type) && !(type in globalThis) && !OF_PLATFORM.has(type),
  );
}

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

  test('describes every type that a declaration names', async () => {
    const entries = await readApi();
    const all = entries.flatMap(({ exports }) => exports);
    const described = new Set(all.map(({ name }) => name));
    const unknown = all.flatMap((one) =>
      typesIn(one)
        .filter((type) => !described.has(type))
        .map((type) => `${one.file}: ${type} in ${one.name}`),
    );
    assert.deepEqual([...new Set(unknown)], []);
  });

  test('is written for every entry, and its first page lists them', async () => {
    const index = await readFile(join(ROOT, 'dist/docs/README.md'), 'utf8');
    const page = await readFile(join(ROOT, 'dist/docs/notary-judge.md'), 'utf8');
    for (const { name } of await readApi()) assert.ok(index.includes(`[${name}]`), name);
    assert.match(page, /^## verifySignatures\n\nDecides whether the trust policy accepts/m);
  });
});
