import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoted } from './quoted.ts';

test('a text is quoted so that nothing in it reads as part of the message', () => {
  assert.equal(quoted('a "b"\n\u001b[2J'), '"a \\"b\\"\\n\\u001b[2J"');
});

test('a text of any length takes a bounded place', () => {
  assert.equal(quoted('x'.repeat(160)), `"${'x'.repeat(160)}"`);
  assert.equal(quoted('x'.repeat(4_000_000)), `"${'x'.repeat(160)}…"`);
});

test('a character of two halves that is cut leaves nothing malformed', () => {
  assert.equal(quoted(`${'x'.repeat(159)}😀`), `"${'x'.repeat(159)}\\ud83d…"`);
});
