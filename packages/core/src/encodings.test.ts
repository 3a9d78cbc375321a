import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CoreError,
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
} from '@nv2/core';
import fc from 'fast-check';
import { BASE64, BASE64URL, decodePortably, encodePortably } from './base64.ts';

const invalid = { name: 'CoreError', code: 'ENCODING_INVALID' };
const bytes = fc.uint8Array({ maxLength: 200 });

const CODECS = [
  { name: 'base64', encode: encodeBase64, decode: decodeBase64, oracle: 'base64' },
  { name: 'base64url', encode: encodeBase64Url, decode: decodeBase64Url, oracle: 'base64url' },
  { name: 'hex', encode: encodeHex, decode: decodeHex, oracle: 'hex' },
] as const;

// RFC 4648 section 10.
const RFC4648_BASE64 = new Map([
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
]);
const RFC4648_BASE16 = new Map([
  ['', ''],
  ['f', '66'],
  ['fo', '666F'],
  ['foo', '666F6F'],
  ['foob', '666F6F62'],
  ['fooba', '666F6F6261'],
  ['foobar', '666F6F626172'],
]);

for (const { name, encode, decode, oracle } of CODECS) {
  describe(name, () => {
    test('encode then decode gives the octets', () => {
      fc.assert(
        fc.property(bytes, (value) => {
          assert.deepEqual(decode(encode(value)), value);
        }),
      );
    });

    test('encodes and decodes as Buffer does', () => {
      fc.assert(
        fc.property(bytes, (value) => {
          const text = Buffer.from(value).toString(oracle);
          assert.equal(encode(value), text);
          assert.deepEqual(Buffer.from(text, oracle), Buffer.from(decode(text)));
        }),
      );
    });

    const nearly = fc.string({
      unit: fc.constantFrom(...'ABCDEFabcdef0189+/-_=zZ \n\u0100\uff21'),
      maxLength: 24,
    });
    test('any text decodes and re-encodes to itself, or is refused', () => {
      fc.assert(
        fc.property(fc.oneof(nearly, fc.string()), (text) => {
          let value: Uint8Array;
          try {
            value = decode(text);
          } catch (error) {
            assert.ok(error instanceof CoreError && error.code === 'ENCODING_INVALID');
            return;
          }
          assert.equal(encode(value), name === 'hex' ? text.toLowerCase() : text);
          assert.deepEqual(Buffer.from(text, oracle), Buffer.from(value));
        }),
        { numRuns: 500 },
      );
    });
  });
}

for (const alphabet of [BASE64, BASE64URL]) {
  describe(`${alphabet.name} without native code`, () => {
    test('encodes and decodes as Buffer does', () => {
      fc.assert(
        fc.property(bytes, (value) => {
          const text = Buffer.from(value).toString(alphabet.name);
          assert.equal(encodePortably(value, alphabet), text);
          assert.deepEqual(decodePortably(text, alphabet), value);
        }),
      );
    });
  });
}

test('the test vectors of RFC 4648 section 10 hold', () => {
  for (const [text, encoded] of RFC4648_BASE64) {
    const value = Buffer.from(text);
    assert.equal(encodeBase64(value), encoded);
    assert.equal(encodeBase64Url(value), encoded.replaceAll('=', ''));
    assert.equal(Buffer.from(decodeBase64(encoded)).toString(), text);
  }
  for (const [text, encoded] of RFC4648_BASE16) {
    assert.equal(encodeHex(Buffer.from(text)), encoded.toLowerCase());
    assert.equal(Buffer.from(decodeHex(encoded)).toString(), text);
  }
});

test('base64 that is not canonical is refused', () => {
  const texts = [
    'Zg',
    'Zg=',
    'Zg===',
    'Zh==',
    'Zm9=',
    'Zm9v\n',
    ' Zm9v',
    'Z===',
    '====',
    '=',
    'Zg==Zg==',
    'Zm-_',
    'Zm9v=',
    'Zg=A',
  ];
  for (const text of texts) assert.throws(() => decodeBase64(text), invalid, text);
});

test('base64url that is not canonical is refused', () => {
  for (const text of ['Zg==', 'Zh', 'Zm9', 'Z', 'Zm+/', 'Zm9v ', 'Zm9v.'])
    assert.throws(() => decodeBase64Url(text), invalid, text);
});

test('hex with odd length, prefix, separators or other digits is refused', () => {
  for (const text of ['0', '0x00', '00:11', 'gg', ' 00', '٠٠'])
    assert.throws(() => decodeHex(text), invalid, text);
});

test('the error says at which character', () => {
  assert.throws(() => decodeBase64('Zm9v!A=='), { data: { encoding: 'base64', offset: 4 } });
  assert.throws(() => decodeHex('00zz'), { data: { encoding: 'hex', offset: 2 } });
});
