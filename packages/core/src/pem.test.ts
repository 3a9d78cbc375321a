import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreError, decodePem, encodePem } from '@nv2/core';
import fc from 'fast-check';

const invalid = { name: 'CoreError', code: 'PEM_INVALID' };
const bytes = fc.uint8Array({ maxLength: 300 });
const label = fc.constantFrom('CERTIFICATE', 'PRIVATE KEY', 'X509 CRL', 'A-B');
const body = Buffer.from('nv2').toString('base64');
const block = `-----BEGIN X-----\n${body}\n-----END X-----\n`;

test('encode then decode gives the blocks, whatever text stands between them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ label, der: bytes }, { noNullPrototype: true }), { maxLength: 4 }),
      fc.constantFrom('', '\n', 'subject=CN = x\n\nissuer=CN = y\n'),
      fc.constantFrom('\n', '\r\n', '\r'),
      (blocks, between, lineEnd) => {
        const text = blocks
          .map((one) => between + encodePem(one.label, one.der))
          .join('')
          .replaceAll('\n', lineEnd);
        assert.deepEqual(decodePem(text), blocks);
        assert.deepEqual(decodePem(Buffer.from(text)), blocks);
      },
    ),
  );
});

test('what decodes re-encodes to what decodes to the same, and anything else is refused', () => {
  const mutated = fc
    .tuple(label, bytes, fc.nat(), fc.constantFrom('', '-', ' ', '\n', '=', ':', 'A', '\u00e9'))
    .map(([name, der, at, character]) => {
      const text = encodePem(name, der);
      const index = at % text.length;
      return text.slice(0, index) + character + text.slice(index + 1);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string()), (text) => {
      try {
        const blocks = decodePem(text);
        const again = blocks.map((one) => encodePem(one.label, one.der)).join('');
        assert.deepEqual(decodePem(again), blocks);
      } catch (error) {
        assert.ok(error instanceof CoreError && error.code === 'PEM_INVALID');
      }
    }),
    { numRuns: 500 },
  );
});

test('the text is written in lines of 64 characters', () => {
  const text = encodePem('CERTIFICATE', new Uint8Array(100));
  const lines = text.split('\n');
  assert.equal(lines[0], '-----BEGIN CERTIFICATE-----');
  assert.deepEqual(
    lines.slice(1, -2).map((line) => line.length),
    [64, 64, 8],
  );
  assert.equal(lines.at(-2), '-----END CERTIFICATE-----');
});

test('white space, blank lines and other line widths are read', () => {
  const text = `-----BEGIN X-----  \r\n${body.slice(0, 2)} \n\n\t${body.slice(2)}\n-----END X-----`;
  assert.deepEqual(decodePem(text), [{ label: 'X', der: new Uint8Array(Buffer.from('nv2')) }]);
});

test('explanatory text in another encoding is skipped', () => {
  const text = Buffer.concat([Buffer.from('CN=caf\u00e9\n', 'latin1'), Buffer.from(block)]);
  assert.equal(decodePem(text).length, 1);
});

test('text around blocks is refused where none is expected', () => {
  const options = { explanatoryText: false };
  assert.equal(decodePem(`\n${block} \t\r\n${block}\n`, options).length, 2);
  const der = '0\u0003\u0002\u0001\u0000';
  for (const text of [
    `${block}${der}`,
    `${der}\n${block}`,
    `CN=x\n${block}`,
    `${block}${body}`,
    `${block}# note\n${block}`,
  ]) {
    assert.throws(() => decodePem(text, options), invalid);
  }
  assert.deepEqual(decodePem('hello', options), []);
});

test('a text without blocks has none', () => {
  assert.deepEqual(decodePem(''), []);
  assert.deepEqual(decodePem('hello\n--- not a boundary ---\n'), []);
});

test('malformed blocks are refused', () => {
  const texts = {
    'no end': `-----BEGIN X-----\n${body}\n`,
    'end alone': '-----END X-----\n',
    'other label': `-----BEGIN X-----\n${body}\n-----END Y-----\n`,
    'begin inside': `-----BEGIN X-----\n${body}\n${block}`,
    'byte order mark': `\ufeff${block}`,
    indented: ` ${block}`,
    'four hyphens': block.replace('BEGIN X-----', 'BEGIN X----'),
    'bytes after boundary': block.replace('BEGIN X-----', 'BEGIN X----- x'),
    'no label': '-----BEGIN -----\n-----END -----\n',
    'padding missing': '-----BEGIN X-----\nZg\n-----END X-----\n',
    'bits over': '-----BEGIN X-----\nZh==\n-----END X-----\n',
    base64url: '-----BEGIN X-----\nZm-_\n-----END X-----\n',
    header: `-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\n${body}\n-----END X-----\n`,
    checksum: `-----BEGIN X-----\n${body}\n=abcd\n-----END X-----\n`,
  };
  for (const [name, text] of Object.entries(texts))
    assert.throws(() => decodePem(text), invalid, name);
});

test('a byte order mark is told, in octets and in text', () => {
  for (const text of [`\ufeff${block}`, new TextEncoder().encode(`\ufeff${block}`)])
    assert.throws(() => decodePem(text), { message: 'PEM: byte order mark at line 1' });
});

test('the error says in which line', () => {
  assert.throws(() => decodePem(`${block}\n-----END X-----`), { data: { line: 5 } });
});

test('more blocks than the limit are refused', () => {
  assert.equal(decodePem(block.repeat(3), { maxBlocks: 3 }).length, 3);
  assert.throws(() => decodePem(block.repeat(4), { maxBlocks: 3 }), { code: 'LIMIT_EXCEEDED' });
});

test('a label that would not be read again is not written', () => {
  for (const name of ['', ' X', 'X ', 'A--B', 'A\nB', 'caf\u00e9'])
    assert.throws(() => encodePem(name, new Uint8Array()), invalid);
});
