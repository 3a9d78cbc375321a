import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_LINE, type TypedLine, typeByte } from './typed-line.ts';

function typed(text: string): TypedLine {
  return [...Buffer.from(text)].reduce(typeByte, EMPTY_LINE);
}

test('a secret ends with its line, and what follows is dropped', () => {
  assert.deepEqual(typed('ab\rc'), { state: 'done', bytes: [0x61, 0x62] });
  assert.equal(typed('ab\u0004').state, 'done');
  assert.deepEqual(typed('\u0004'), { state: 'ended', bytes: [] });
  assert.equal(typed('\n').state, 'done');
  assert.equal(typed('ab').state, 'typing');
});

test('backspace takes a whole character back', () => {
  assert.deepEqual(typed('aé\u007f\n').bytes, [0x61]);
  assert.deepEqual(typed('\u007f\u0008x\n').bytes, [0x78]);
});

test('Ctrl-U begins anew', () => {
  assert.deepEqual(typed('wrong\u0015a\n'), { state: 'done', bytes: [0x61] });
});

test('Ctrl-W takes a word back, and the blanks after it', () => {
  assert.deepEqual(typed('a b\u0017\n').bytes, [...Buffer.from('a ')]);
  assert.deepEqual(typed('a bc \t\u0017\n').bytes, [...Buffer.from('a ')]);
  assert.deepEqual(typed('ab\u0017\u0017c\n').bytes, [0x63]);
  assert.deepEqual(typed('  \u0017\n').bytes, []);
});

test('other control keys are no part of the line, and Tab is', () => {
  assert.deepEqual(typed('a\u001a\u0001\u0000\tb\n').bytes, [0x61, 0x09, 0x62]);
});

test('keys that send a sequence, as arrows do, are no part of the line', () => {
  for (const key of ['[A', 'OP', '[3~', '[1;5D', '[200~']) {
    assert.deepEqual(typed(`a\u001b${key}b\n`), { state: 'done', bytes: [0x61, 0x62] }, key);
  }
  assert.deepEqual(typed('a\u001bb\n').bytes, [0x61, 0x62]);
  assert.deepEqual(typed('a\u001b\u001b[Ab\n').bytes, [0x61, 0x62]);
  assert.equal(typed('a\u001b\n').state, 'done');
  assert.equal(typed('a\u001b[\u0003').state, 'interrupted');
});

test('Ctrl-C interrupts and forgets what was typed', () => {
  assert.deepEqual(typed('secret\u0003'), { state: 'interrupted', bytes: [] });
});
