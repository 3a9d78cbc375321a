import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OciError } from './errors.ts';
import { formatReference, parseReference, type ReferencePart, registryHost } from './reference.ts';

const HEX = 'a'.repeat(64);
const DIGEST = `sha256:${HEX}`;

const VALID: readonly (readonly [string, ReturnType<typeof parseReference>])[] = [
  ['r.example/a', { registry: 'r.example', repository: 'a' }],
  ['r.example/a/b-c/d__e.f:v1', { registry: 'r.example', repository: 'a/b-c/d__e.f', tag: 'v1' }],
  [`r.example:5000/a@${DIGEST}`, { registry: 'r.example:5000', repository: 'a', digest: DIGEST }],
  [`r.example/a:v1@${DIGEST}`, { registry: 'r.example', repository: 'a', digest: DIGEST }],
  [`r.example/a:not a tag!@${DIGEST}`, { registry: 'r.example', repository: 'a', digest: DIGEST }],
  ['localhost:5000/a:latest', { registry: 'localhost:5000', repository: 'a', tag: 'latest' }],
  ['127.0.0.1:5000/a:V_1.-', { registry: '127.0.0.1:5000', repository: 'a', tag: 'V_1.-' }],
  ['[::1]:5000/a:v1', { registry: '[::1]:5000', repository: 'a', tag: 'v1' }],
  ['docker.io/library/x:1', { registry: 'docker.io', repository: 'library/x', tag: '1' }],
  ['R.Example/a:1', { registry: 'R.Example', repository: 'a', tag: '1' }],
  ['r.example:443/a:1', { registry: 'r.example:443', repository: 'a', tag: '1' }],
  ['under_score.example/a:1', { registry: 'under_score.example', repository: 'a', tag: '1' }],
  [
    `r.example/a@sha512:${HEX}${HEX}`,
    { registry: 'r.example', repository: 'a', digest: `sha512:${HEX}${HEX}` },
  ],
];

for (const [text, expected] of VALID) {
  test(`${text} is a reference`, () => {
    assert.deepEqual(parseReference(text), expected);
  });
}

const INVALID: readonly (readonly [string, ReferencePart])[] = [
  ['', 'reference'],
  ['alpine', 'reference'],
  ['alpine:3', 'reference'],
  ['/a:v1', 'registry'],
  ['r.example:/a:v1', 'registry'],
  ['r.example:99999/a:v1', 'registry'],
  ['r.example:x/a:v1', 'registry'],
  ['user@r.example/a:v1', 'registry'],
  ['https://r.example/a:v1', 'registry'],
  ['r.example?x/a:v1', 'registry'],
  ['r.example#x/a:v1', 'registry'],
  ['r example/a:v1', 'registry'],
  ['r%2eexample/a:v1', 'registry'],
  ['r\u3002example/a:v1', 'registry'],
  ['::1/a:v1', 'registry'],
  ['[fe80::1%25eth0]/a:v1', 'registry'],
  ['0x7f.1/a:v1', 'registry'],
  ['2130706433/a:v1', 'registry'],
  ['127.1/a:v1', 'registry'],
  ['r.example/', 'repository'],
  ['r.example/A:v1', 'repository'],
  ['r.example/a//b:v1', 'repository'],
  ['r.example/a/:v1', 'repository'],
  ['r.example/../a:v1', 'repository'],
  ['r.example/a/..:v1', 'repository'],
  ['r.example/a%2e:v1', 'repository'],
  ['r.example/-a:v1', 'repository'],
  ['r.example/a_-b:v1', 'repository'],
  ['r.example/a___b:v1', 'repository'],
  ['r.example/a\u0000:v1', 'repository'],
  ['r.example/a?x=/v2:v1', 'repository'],
  ['r.example/a:', 'tag'],
  ['r.example/a:-x', 'tag'],
  ['r.example/a:v1/../x', 'tag'],
  ['r.example/a:v1?x', 'tag'],
  ['r.example/a:v1:v2', 'tag'],
  [`r.example/a:${'x'.repeat(129)}`, 'tag'],
  ['r.example/a@', 'digest'],
  ['r.example/a@sha256', 'digest'],
  ['r.example/a@sha256:abc', 'digest'],
  [`r.example/a@sha256:${HEX.toUpperCase()}`, 'digest'],
  [`r.example/a@md5:${HEX.slice(32)}`, 'digest'],
  [`r.example/a@${DIGEST}@${DIGEST}`, 'digest'],
  [`r.example/a@${DIGEST}/../x`, 'digest'],
];

for (const [text, part] of INVALID) {
  test(`${JSON.stringify(text.slice(0, 60))} is no reference: ${part}`, () => {
    assert.throws(
      () => parseReference(text),
      (error: unknown) =>
        error instanceof OciError &&
        error.code === 'OCI_REFERENCE_INVALID' &&
        error.data['part'] === part,
    );
  });
}

test('what parses is written the same and parses again, and anything else is refused', () => {
  const piece = fc.constantFrom(
    'a',
    'r.example',
    '/',
    ':',
    '@',
    DIGEST,
    'v1',
    '..',
    '[::1]',
    '5000',
  );
  const input = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 9 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(input, (text) => {
      try {
        const reference = parseReference(text);
        const written = formatReference(reference);
        assert.deepEqual(parseReference(written), reference);
        if (reference.digest === undefined) assert.equal(written, text);
      } catch (error) {
        assert.ok(error instanceof OciError, String(error));
      }
    }),
  );
});

test('a reference of any length is judged in linear time', () => {
  const repository = `${'a-'.repeat(2000)}!`;
  assert.throws(() => parseReference(`r.example/${repository}`), OciError);
});

test('Docker Hub is reached under another name', () => {
  assert.equal(registryHost('docker.io'), 'registry-1.docker.io');
  assert.equal(registryHost('docker.io.example'), 'docker.io.example');
});
