// Trust policy documents: every field drawn from values good, odd and bad, by a fixed sequence.
import { encodeUtf8 } from '@nv2/core';
import { sequence } from './sequence.ts';

/** A trust policy document as bytes, and the repositories to select a statement for. */
export interface PolicyCase {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Whether the reference's answer about a broken document depends on the order of a Go map. */
  readonly unordered: boolean;
}

/** Repositories that a statement is selected for. */
export const REPOSITORIES: readonly string[] = [
  'registry.example/team/app',
  'registry.example:5000/app',
  'localhost:5000/app',
  'local/layout',
];

const SCOPES = [
  '*',
  ...REPOSITORIES,
  'registry.example/team/*',
  'registry.example',
  'registry.example/',
  'https://registry.example/app',
  'registry.example/app:v1',
  'registry.example/App',
  'registry.example/a__b',
  'registry.example/a___b',
  'registry.example/a---b',
  'registry.example/a..b',
  'registry.example/-a',
  'registry_example/app',
  '-registry.example/app',
  '[::1]:5000/app',
  'localhost:5000\\app',
  'registry.example/größe',
  'registry.example/app\n',
  '',
] as const;

const DN = 'C=US, ST=WA, O=Notary';
const IDENTITIES = [
  '*',
  `x509.subject:${DN}`,
  `x509.subject:${DN}, CN=a`,
  `x509.subject: CN=b,L=Seattle,ST=WA,C=US,O=x`,
  'x509.subject:C=US,S=WA,O=other',
  'x509.subject:C=US,ST=WA,S=WA,O=other',
  'x509.subject:C=US,ST=WA',
  'x509.subject:ST=WA,O=x',
  'x509.subject:C=US,O=x',
  'x509.subject:c=US,st=WA,o=x',
  'x509.subject:C=US,C=DE,ST=WA,O=x',
  'x509.subject:C=US,ST=WA,O=x+CN=y',
  'x509.subject:C=US,ST=WA,O=#0c0178',
  'x509.subject:C=US,ST=WA,O=a\\,b',
  'x509.subject:C=US,ST=WA,O=a\\2Cb',
  'x509.subject:C=US,ST=WA,O=a,b',
  'x509.subject:C=US,ST=WA,O=a\\',
  'x509.subject:C=US,ST=WA,O="a"',
  'x509.subject:C=US,ST=WA,O=',
  'x509.subject:C=US,ST=WA,O=x,',
  'x509.subject:C=US;ST=WA;O=x',
  'x509.subject:C=US,ST=WA,O=ünïcode',
  'x509.subject:C=US,ST=WA,O=x,2.5.4.97=y',
  'x509.subject:=,C=US,ST=WA,O=x',
  'x509.subject:',
  'x509.subject',
  'x509.subject CN=x',
  'x509.issuer:CN=x',
  'plugin:whatever',
  ':',
  '',
] as const;

const STORES = [
  'ca:a',
  'ca:b_1.x-y',
  'signingAuthority:a',
  'tsa:a',
  'ca:',
  'ca:a:b',
  'ca:*',
  'ca:../x',
  'ca',
  'CA:a',
  'unknown:a',
  '*',
  '',
] as const;

const LEVELS = ['strict', 'permissive', 'audit', 'skip', 'Strict', 'none', ''] as const;
const CHECKS = [
  'integrity',
  'authenticity',
  'authenticTimestamp',
  'expiry',
  'revocation',
  'Expiry',
  'other',
] as const;
const ACTIONS = ['enforce', 'log', 'skip', 'Skip', ''] as const;
const TIMESTAMPS = ['always', 'afterCertExpiry', 'never', ''] as const;
const NAMES = ['a', 'b', 'c', 'ä "quoted"\\', 'tab\there', ''] as const;

/** Documents whose JSON itself is odd. */
const GOOD =
  '{"version":"1.0","trustPolicies":[{"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:a"],"trustedIdentities":["*"]}]}';
const TEXTS: readonly string[] = [
  GOOD,
  `${GOOD} trailing`,
  `${GOOD}{}`,
  // not with a byte order mark before it: the reference refuses that
  ` \r\n\t${GOOD}`,
  '',
  'null',
  '[]',
  '{}',
  '"text"',
  'nul',
  GOOD.slice(0, -1),
  GOOD.replace('"version"', '"Version"'),
  GOOD.replace('"version"', '"VERSION"'),
  GOOD.replace('"version"', '"ver\\u0073ion"'),
  GOOD.replace('"version"', '"verſion"'),
  GOOD.replace('"version":"1.0"', '"version":"2.0","version":"1.0"'),
  GOOD.replace('"version":"1.0"', '"version":"1.0","version":"2.0"'),
  GOOD.replace('"version":"1.0"', '"version":"1.0","VERSION":null'),
  GOOD.replace('"1.0"', '1.0'),
  GOOD.replace('"1.0"', 'null'),
  GOOD.replace('"level":"strict"', '"LEVEL":"audit"'),
  GOOD.replace('"level":"strict"', '"level":"audit","Level":"strict"'),
  GOOD.replace('"level":"strict"', '"level":"strict","override":null'),
  GOOD.replace('"level":"strict"', '"level":"strict","override":[]'),
  GOOD.replace('"level":"strict"', '"level":"strict","override":{"expiry":"log","expiry":"skip"}'),
  GOOD.replace('"level":"strict"', '"level":"strict","override":{"expiry":1}'),
  GOOD.replace('["*"],"sign', '"*","sign'),
  GOOD.replace('["*"],"sign', '[null],"sign'),
  GOOD.replace('["*"],"sign', 'null,"sign'),
  GOOD.replace('"name":"a"', '"name":"\\ud800"'),
  GOOD.replace('"name":"a"', '"name":"a\nb"'),
  GOOD.replace('"name":"a"', '"name":"a",'),
  GOOD.replace('"name":"a"', '"name":"a","unknown":{"a":[1,2,{"b":1e999}]}'),
  GOOD.replace('"name":"a"', '"name":"a","unknown":01'),
  GOOD.replace('"name":"a"', '"name":"a","trustStores":["ca:x","ca:y"]'),
  GOOD.replace('"name":"a"', "'name':'a'"),
  GOOD.replace('{"name"', '/* comment */{"name"'),
  GOOD.replace('"trustPolicies":[', '"trustPolicies":[null,'),
  GOOD.replace('"trustPolicies":[', '"trustPolicies":[{},'),
];

/** The documents; the same on every run. */
export function policyCases(): PolicyCase[] {
  const texts = TEXTS.map((text) => policyCase(text, false));
  const invalidUtf8 = encodeUtf8(GOOD.replace('"name":"a"', '"name":"a?"'));
  invalidUtf8[invalidUtf8.indexOf('?'.charCodeAt(0))] = 0xff;
  return [
    ...texts,
    { text: 'invalid UTF-8', bytes: invalidUtf8, unordered: false },
    ...drawn(1500),
  ];
}

function policyCase(text: string, unordered: boolean): PolicyCase {
  return { text, bytes: encodeUtf8(text), unordered };
}

function drawn(count: number): PolicyCase[] {
  const next = sequence(20260302);
  return Array.from({ length: count }, () => {
    const statements = next(20) === 0 ? 0 : 1 + next(3);
    const trustPolicies = Array.from({ length: statements }, (_, i) => drawStatement(next, i));
    const version = next(30) === 0 ? ['1.1', '', '1'][next(3)] : '1.0';
    const unordered = trustPolicies.some(
      ({ signatureVerification: { override = {} } }) => Object.keys(override).length > 1,
    );
    return policyCase(JSON.stringify({ version, trustPolicies }), unordered);
  });
}

interface DrawnStatement {
  readonly signatureVerification: { readonly override?: Readonly<Record<string, unknown>> };
}

function drawStatement(next: (limit: number) => number, index: number): DrawnStatement {
  const level = drawFrom(next, LEVELS, 3);
  const override = Object.fromEntries(
    Array.from({ length: next(3) }, () => [drawFrom(next, CHECKS, 5), drawFrom(next, ACTIONS, 2)]),
  );
  const trust = {
    trustStores: drawSome(next, STORES, 4),
    trustedIdentities: drawSome(next, IDENTITIES, 5),
  };
  const statement = {
    name: next(8) === 0 ? drawFrom(next, NAMES, 3) : NAMES[index],
    registryScopes: next(4) === 0 ? drawSome(next, SCOPES, 5) : [SCOPES[(index + next(2) * 3) % 5]],
    signatureVerification: {
      level,
      ...(next(2) === 0 ? {} : { override }),
      ...(next(4) === 0 ? { verifyTimestamp: drawFrom(next, TIMESTAMPS, 2) } : {}),
    },
  };
  return level === 'skip' && next(2) === 0 ? statement : { ...statement, ...trust };
}

/** One of the first `good` values most of the time, otherwise any. */
function drawFrom(
  next: (limit: number) => number,
  values: readonly string[],
  good: number,
): string {
  return values[next(next(15) === 0 ? values.length : good)] ?? '';
}

function drawSome(
  next: (limit: number) => number,
  values: readonly string[],
  good: number,
): string[] {
  const count = next(30) === 0 ? 0 : 1 + (next(5) >> 2);
  return Array.from({ length: count }, () => drawFrom(next, values, good));
}
