import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReferenceList } from './reference-list.ts';

/** Line and text of what was found; `!` for what could not be read. */
async function read(text: string | Uint8Array): Promise<readonly string[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  }
  const found: string[] = [];
  for await (const { place, text, error } of readReferenceList(chunks(), 'list')) {
    found.push(`${place.line} ${error ? '!' : text}`);
  }
  return found;
}

test('a comment of a list hides no reference behind what ends a line for some', async () => {
  for (const end of ['\r', '\v', '\f', '\u0085', '\u2028', '\u2029']) {
    const found = await read(`# images${end}a/b:1${end}\nc/d:1\n`);
    assert.deepEqual(found, ['1 !', '2 c/d:1'], JSON.stringify(end));
  }
  assert.deepEqual(await read('# a\r\r\n#\r\nc/d:1\r\n'), ['3 c/d:1']);
});

test('lines that are too long, not text or rubbish are each one bad reference', async () => {
  const text = Buffer.concat([
    Buffer.from(`\ufeffa/b:1\r\n${'x'.repeat(100_000)}\n`),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from('  # note\n\n  c/d:1  '),
  ]);
  assert.deepEqual(await read(text), ['1 a/b:1', '2 !', '3 !', '6 c/d:1']);
});
