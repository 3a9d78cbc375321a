import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { composeImages } from './compose-images.ts';
import type { Found } from './found.ts';
import { expandImageName } from './image-name.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import { readLines } from './lines.ts';
import { readReferenceList } from './reference-list.ts';
import { readYamlStream } from './yaml-stream.ts';

async function* chunksOf(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Line and text of what was found; `!` for what could not be read. */
function brief(found: readonly Found[]): readonly string[] {
  return found.map(({ place, text, error }) => `${place.line} ${error ? '!' : text}`);
}

async function compose(text: string): Promise<readonly string[]> {
  return brief(await all(readYamlStream(chunksOf(text, 4096), 'file', composeImages)));
}

async function kubernetes(text: string): Promise<readonly string[]> {
  const found = readYamlStream(chunksOf(text, 4096), 'file', kubernetesImages);
  return brief(await all(found));
}

test('a document that begins without a marker is not passed over', async () => {
  const pod = (image: string) => `kind: Pod\ncontainers: [{image: ${image}}]\n`;
  assert.deepEqual(await kubernetes(`${pod('a.b/c:1')}...\n${pod('a.b/d:1')}`), ['4 !']);
  const ended = `${pod('a.b/c:1')}...\n---\n${pod('a.b/d:1')}...\n`;
  assert.deepEqual(await kubernetes(ended), ['2 a.b/c:1', '6 a.b/d:1']);
});

test('what a Compose file takes from elsewhere is not passed over', async () => {
  const other = 'services:\n  a: {image: a.b/c:1}\n';
  const found = '2 a.b/c:1';
  assert.deepEqual(await compose(`${other}  b: {build: .}\n`), [found]);
  for (const service of ['f: {extends: {service: a}}', 'h: {}', 'i: {Image: x}', 'j: [x]', 'k:'])
    assert.deepEqual(await compose(`${other}  ${service}\n`), [found, '3 !'], service);
  assert.deepEqual(await compose(`${other}include: [x.yaml]\n`), ['3 !', found]);
  const merged = 'x: &s\n  bad: {image: a.b/d:1}\nservices:\n  <<: *s\n  a: {image: a.b/c:1}\n';
  assert.deepEqual(await compose(merged), ['4 !', '5 a.b/c:1']);
});

describe('lines', () => {
  test('are those of the text, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-z\u00e4]{0,9}$/)),
        fc.integer({ min: 1, max: 9 }),
        async (lines, size) => {
          const text = lines.map((line) => `${line}\n`).join('');
          const read = await all(readLines(chunksOf(text, size), { maxLineBytes: 100 }));
          assert.deepEqual(
            read.map(({ bytes }) => Buffer.from(bytes ?? []).toString()),
            lines,
          );
          assert.deepEqual(
            read.map(({ number }) => number),
            lines.map((_, index) => index + 1),
          );
        },
      ),
    );
  });

  test('that are too long, not text or rubbish are each one bad reference', async () => {
    const text = Buffer.concat([
      Buffer.from(`\ufeffa/b:1\r\n${'x'.repeat(100_000)}\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('  # note\n\n  c/d:1  '),
    ]);
    assert.deepEqual(brief(await all(readReferenceList(chunksOf(text, 1000), 'list'))), [
      '1 a/b:1',
      '2 !',
      '3 !',
      '6 c/d:1',
    ]);
  });
});

describe('a manifest', () => {
  test('is searched document by document, and one that cannot be read stops no other', async () => {
    const pod = (image: string): string => `kind: Pod\nspec: {containers: [{image: "${image}"}]}\n`;
    const text = `%YAML 1.2\n---\n${pod('a/b:1')}---\n[[[\n--- # three\n${pod('c/d:1')}...\n---\nkind: Pod\nspec: |\n  containers:\n  - image: text`;
    assert.deepEqual(await kubernetes(text), ['4 docker.io/a/b:1', '7 !', '9 docker.io/c/d:1']);
  });

  test('that nests without end, is too large or repeats itself is one bad document', async () => {
    const bombs = [
      `kind: Pod\nspec: ${'['.repeat(20_000)}`,
      `kind: List\nitems: &a [*a]`,
      `kind: List\na: &a [1,1,1,1,1,1,1,1,1]\n${Array.from('bcdefghij', (name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(9)}]`).join('\n')}`,
      `kind: List\na: &a 1\nb: &a 2`,
      `kind: Pod\ntext: "${'x'.repeat(9 * 1024 * 1024)}"`,
    ];
    for (const text of bombs) {
      const found = await kubernetes(`${text}\n---\nkind: Pod\ncontainers: [{image: a.b/c:1}]`);
      assert.equal(found.length, 2, text.slice(0, 40));
      assert.match(found[0] ?? '', /!$/);
      assert.match(found[1] ?? '', / a\.b\/c:1$/);
    }
  });

  test('gives containers of custom resources, and what merges have', async () => {
    const text = `kind: Task
base: &base {image: a.b/base:1}
spec:
  steps: [{<<: *base}, {<<: [*base], image: a.b/own:1}]
  stepTemplate: {image: a.b/template:1}
  templates: [{container: {image: a.b/argo:1}}, {script: {image: a.b/script:1}}]
  containers: {image: not-a-list}
  volumes: [{image: {reference: a.b/volume:1}}, {emptyDir: {}}]
  sidecars: [{image: [a]}, {image: }, {name: none}]
`;
    assert.deepEqual(await kubernetes(text), [
      '2 a.b/base:1',
      '4 a.b/own:1',
      '5 a.b/template:1',
      '6 a.b/argo:1',
      '6 a.b/script:1',
      '8 a.b/volume:1',
      '9 !',
      '9 !',
    ]);
  });

  test('whatever it is never ends the scan', async () => {
    const part = fc.constantFrom(
      'kind: ',
      'image: ',
      '- ',
      '\n',
      ' ',
      '[',
      '{',
      '}',
      '&a ',
      '*a',
      '"',
      '|',
      '---\n',
      'containers: ',
      '<<: ',
      'x',
      '\t',
      '!!',
      '? ',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        for (const find of [kubernetesImages, composeImages]) {
          await all(readYamlStream(chunksOf(parts.join('')), 'file', find));
        }
      }),
    );
  });
});

test('a short name of an image means what container runtimes take it for', () => {
  const names: readonly (readonly [string, string])[] = [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25'],
    ['acme/web', 'docker.io/acme/web:latest'],
    ['index.docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/web', 'localhost/web:latest'],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
    ['registry.example/web@sha256:00', 'registry.example/web@sha256:00'],
    ['registry:5000/web', 'registry:5000/web:latest'],
    ['', ''],
  ];
  for (const [short, whole] of names) assert.equal(expandImageName(short), whole);
});
