import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatColumns } from './columns.ts';
import { formatJson, sortedObject } from './go-json.ts';
import { formatAnsiC, formatGoString, formatRfc1123, formatRfc3339, offsetOf } from './go-time.ts';
import { printable, printableLines } from './printable.ts';
import { quote } from './quote.ts';
import { shellWord } from './shell-word.ts';
import { formatTree, node, pair } from './tree.ts';

test('text is quoted as Go quotes it', () => {
  assert.equal(quote('localhost:5000\\test-repo'), '"localhost:5000\\\\test-repo"');
  assert.equal(quote('a"b\n\t\u0007\u0001'), '"a\\"b\\n\\t\\a\\x01"');
  assert.equal(quote('é 漢 😀'), '"é 漢 😀"');
  assert.equal(quote('\u00a0\u2028\u{e0001}'), '"\\u00a0\\u2028\\U000e0001"');
});

test('control characters never reach a terminal', () => {
  const hostile = 'CN=x\u001b[2J\u009b1m\u202e\u200b\rSuccess\nnext\tcell';
  assert.equal(
    printable(hostile),
    'CN=x\\u001b[2J\\u009b1m\\u202e\\u200b\\u000dSuccess\\u000anext\\u0009cell',
  );
  assert.equal(
    printableLines(hostile),
    'CN=x\\u001b[2J\\u009b1m\\u202e\\u200b\\u000dSuccess\nnext\tcell',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      assert.doesNotMatch(printable(text), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }),
  );
});

test('an Arabic letter mark and a soft hyphen, which are not seen, are escaped', () => {
  assert.equal(printable('a\u061cb\u00adc'), 'a\\u061cb\\u00adc');
  assert.equal(printableLines('a\u061cb\u00adc'), 'a\\u061cb\\u00adc');
});

test('what is no plain word is quoted for a shell, and printable', () => {
  assert.equal(shellWord('localhost:5000/a/b@sha256:00'), 'localhost:5000/a/b@sha256:00');
  assert.equal(shellWord(''), "''");
  assert.equal(shellWord("it's $HOME"), "'it'\\''s $HOME'");
  assert.equal(shellWord('a\n\u202e'), "$'\\141\\012\\342\\200\\256'");
});

test('columns end in padding, the last one too', () => {
  const table = formatColumns([
    ['NAME', 'ERROR'],
    ['longer', ''],
  ]);
  assert.equal(table, 'NAME     ERROR   \nlonger           \n');
});

test('a tree has a branch for each node', () => {
  const tree = node('root', [node('a', [pair('k', 'v'), node('(empty)')]), node('b')]);
  assert.equal(formatTree(tree), 'root\n├── a\n│   ├── k: v\n│   └── (empty)\n└── b\n');
});

test('times are printed in the layouts of Go', () => {
  const at = Date.UTC(2025, 0, 7, 8, 42, 43);
  assert.equal(formatAnsiC(at), 'Tue Jan  7 08:42:43 2025');
  assert.equal(formatAnsiC(at, 480), 'Tue Jan  7 16:42:43 2025');
  assert.equal(formatRfc1123(at), 'Tue, 07 Jan 2025 08:42:43 +0000');
  assert.equal(formatGoString(at), '2025-01-07 08:42:43 +0000 UTC');
  assert.equal(formatRfc3339(at, -210), '2025-01-07T05:12:43-03:30');
  assert.equal(formatRfc3339(at), '2025-01-07T08:42:43Z');
  assert.equal(offsetOf('2025-01-07T16:42:43+08:00'), 480);
  assert.equal(offsetOf('2025-01-07T08:42:43Z'), 0);
});

test('JSON is indented, sorted and escaped as Go does it', () => {
  assert.equal(
    formatJson({ a: '<b>&\u2028\u009b' }),
    '{\n  "a": "\\u003cb\\u003e\\u0026\\u2028\\u009b"\n}\n',
  );
  assert.deepEqual(
    Object.keys(
      sortedObject([
        ['b', 1],
        ['a', 2],
        ['B', 3],
      ]),
    ),
    ['B', 'a', 'b'],
  );
});
