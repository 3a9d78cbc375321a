import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OciError } from '../errors.ts';
import { parseChallenges } from './challenge.ts';
import { mergeScopes } from './scope.ts';

const VALID: readonly (readonly [
  string,
  readonly (readonly [string, Record<string, string>])[],
])[] = [
  ['', []],
  ['Basic realm="a"', [['basic', { realm: 'a' }]]],
  ['BASIC', [['basic', {}]]],
  [
    'Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.example/token',
          service: 'r.example',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  ],
  ['Bearer  realm = "a" , service=b', [['bearer', { realm: 'a', service: 'b' }]]],
  ['Bearer realm="a\\"b\\\\c"', [['bearer', { realm: 'a"b\\c' }]]],
  ['Bearer REALM="a"', [['bearer', { realm: 'a' }]]],
  [
    'Negotiate, Basic realm="a, b", Bearer realm="c",error="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'a, b' }],
      ['bearer', { realm: 'c', error: 'x' }],
    ],
  ],
  [
    'NTLM TlRMTVNTUAAB==, Basic realm="a"',
    [
      ['ntlm', {}],
      ['basic', { realm: 'a' }],
    ],
  ],
  [', ,Basic realm="a",,', [['basic', { realm: 'a' }]]],
];

for (const [header, expected] of VALID) {
  test(`challenges of ${JSON.stringify(header)}`, () => {
    const actual = parseChallenges(header).map(
      ({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)] as const,
    );
    assert.deepEqual(actual, expected);
  });
}

for (const header of [
  '"Bearer"',
  'Bearer realm="a',
  'Bearer realm="a" service="b"',
  'Bearer realm="a",realm="b"',
  'Bearer realm="a",Realm="b"',
  'Bearer =a',
  'Bearer realm="a\u0001"',
  'Bearer@x',
  `Bearer realm="${'a'.repeat(9000)}"`,
  `Bearer ${Array.from({ length: 40 }, (_, at) => `p${at}=x`).join(',')}`,
]) {
  test(`${JSON.stringify(header.slice(0, 40))} is no challenge`, () => {
    assert.throws(
      () => parseChallenges(header),
      (error: unknown) => error instanceof OciError && error.code === 'OCI_AUTH_CHALLENGE_INVALID',
    );
  });
}

test('any header is read or refused, in bounded time', () => {
  const piece = fc.constantFrom('Bearer', 'Basic', ' ', ',', '=', '"', '\\', 'realm', 'a', '==');
  const input = fc.oneof(
    fc.string(),
    fc.array(piece).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(input, (header) => {
      try {
        parseChallenges(header);
      } catch (error) {
        assert.ok(error instanceof OciError, String(error));
      }
    }),
  );
});

test('scopes of equal permissions are equal', () => {
  assert.deepEqual(
    mergeScopes(['repository:a:push,pull', 'repository:a:pull', '', 'repository:b:pull']),
    ['repository:a:pull,push', 'repository:b:pull'],
  );
  assert.deepEqual(mergeScopes(['repository:a:*', 'repository:a:pull']), ['repository:a:*']);
  assert.deepEqual(mergeScopes(['registry:catalog:*', 'odd']), ['odd', 'registry:catalog:*']);
  assert.deepEqual(mergeScopes(['repository:h.example:5000/a:pull']), [
    'repository:h.example:5000/a:pull',
  ]);
});
