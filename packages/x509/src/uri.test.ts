import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUri } from './uri.ts';

const GOOD = [
  'https://example.org',
  'https://example.org/',
  'HTTPS://user:secret@example.org:8443/a/b;c=1?d=%2f&e=#/f?',
  'https://192.0.2.1/',
  'https://[2001:db8::1]:443/x',
  'https://[::ffff:192.0.2.1]',
  'spiffe://trust-domain/workload',
  'https://github.com/octo/repo/.github/workflows/build.yml@refs/heads/main',
  'file:///etc/hosts',
  'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  'mailto:someone@example.org',
  'tag:example.org,2026:x',
];

const BAD = [
  '',
  'example.org',
  '//example.org/x',
  '/x',
  ':x',
  'https:',
  '1https://example.org',
  'https://example .org',
  'https://example.org/a b',
  'https://example.org/%',
  'https://example.org/%zz',
  'https://example.org/\u0000',
  'https://example.org/ü',
  'https://example.org./',
  'https://.example.org/',
  'https://example..org/',
  'https://ex%61mple.org/',
  'https://user@/x',
  'https://:443/x',
  'https://example.org:port/',
  'https://[::1/',
  'https://[::1::2]/',
  'https://[12345::]/',
  'https://a@b@example.org/',
  'https://example.org/[x]',
  'https://example.org\\x',
];

test('a URI is absolute, of RFC 3986, and its authority has a host', () => {
  for (const text of GOOD) assert.equal(isUri(text), true, text);
  for (const text of BAD) assert.equal(isUri(text), false, text);
});

test('what is a URI is one to the platform as well', () => {
  const piece = fc.constantFrom(
    ...[
      'http',
      'urn',
      ':',
      '/',
      '//',
      '@',
      '[',
      ']',
      '::1',
      '.',
      'a',
      '%41',
      '%',
      '?',
      '#',
      '80',
      ' ',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `x:${pieces.join('')}`;
      if (isUri(text)) assert.ok(URL.canParse(text), text);
    }),
    { numRuns: 2000 },
  );
});

test('security row 2: as long a text as a certificate holds is looked at once', () => {
  const long = 200_000;
  for (const piece of ['a', '%41', 'a.', ':', '@', '/', '?', '!'])
    for (const start of ['x:', 'x://', 'x://a@'])
      assert.equal(isUri(`${start}${piece.repeat(long)}\u0000`), false);
});
