import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReferenceList } from './reference-list.ts';

/** Line and text of what was found; `!` for what could not be read. */
async function read(text: string): Promise<readonly string[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
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
