// nv2 remembers chains whose signatures hold and keys that it has imported. Here histories of
// verifications are judged twice: by primitives that have seen all that came before, and by fresh ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CryptoPort } from '@nv2/core';
import { createNodeCrypto } from '@nv2/core/node-crypto';
import {
  memoryTrustStore,
  type RevocationChecker,
  type RevocationTuning,
  type VerifyOptions,
} from '@nv2/notary';
import { crlDistributionPoints, type MemoryTarget } from '@nv2/testkit';
import fc from 'fast-check';
import {
  DAY,
  NOW,
  storeSignature,
  type TestSigner,
  testImage,
  testPolicy,
  testSigner,
  verdictOf,
} from './fixture.ts';

// alike in everything but their keys; one names a service that may say that it was revoked
const signers: readonly TestSigner[] = [
  await testSigner({ depth: 3 }),
  await testSigner({ depth: 3 }),
  await testSigner({
    depth: 3,
    algorithm: { kind: 'rsa', modulusBits: 2048 },
    leaf: { extensions: [crlDistributionPoints('http://crl.example/')] },
  }),
];

/** What may be done to an envelope on its way. */
const CHANGES = {
  none: (bytes: Uint8Array) => bytes,
  signature: (bytes: Uint8Array) => changed(bytes, '"signature":"', 40),
  leaf: (bytes: Uint8Array) => changed(bytes, '"x5c":["', -200),
  root: (bytes: Uint8Array) => changed(bytes, '"]', -100),
} as const;

type Change = keyof typeof CHANGES;

/** One character of base64 replaced; negative offsets count from the end of the certificate. */
function changed(bytes: Uint8Array, after: string, offset: number): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const start = text.indexOf(after);
  const end = text.indexOf('"', start + after.length);
  const at =
    after === '"]' ? start + offset : offset < 0 ? end + offset : start + after.length + offset;
  const other = text[at] === 'A' ? 'B' : 'A';
  return new TextEncoder().encode(text.slice(0, at) + other + text.slice(at + 1));
}

async function signedBy(by: TestSigner, change: Change): Promise<MemoryTarget> {
  const { target, subject } = testImage();
  await storeSignature(target, subject, { by, envelope: CHANGES[change] });
  return target;
}

const changes = Object.keys(CHANGES) as Change[];
const artifacts: readonly MemoryTarget[] = await Promise.all(
  signers.flatMap((by) => changes.map((change) => signedBy(by, change))),
);

const step = fc.record({
  artifact: fc.oneof(
    { arbitrary: fc.nat(signers.length - 1).map((signer) => signer * changes.length), weight: 3 },
    { arbitrary: fc.nat(artifacts.length - 1), weight: 2 },
  ),
  trusted: fc.subarray([0, 1, 2]),
  level: fc.constantFrom('strict', 'permissive', 'audit'),
  identity: fc.constantFrom(
    '*',
    'x509.subject: C=US, ST=WA, O=Notary',
    'x509.subject: C=US, ST=WA, O=Somebody',
  ),
  days: fc.constantFrom(-2, 0, 400),
  revoked: fc.constantFrom<Said>('good', 'revoked', 'unknown', 'silent', 'forged'),
  tuning: fc.constantFrom(undefined, 'softFail', 'offline'),
  kept: fc.constantFrom<Said>('good', 'revoked', 'unknown'),
});

/** What is said of a leaf: `silent` if a service gives no answer, `forged` if that is none. */
type Said = 'good' | 'revoked' | 'unknown' | 'silent' | 'forged';

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function saying(status: Said): RevocationChecker {
  return async (chain) =>
    chain.slice(0, -1).map((_, index) => {
      if (index > 0) return { status: 'not-revocable' };
      if (status === 'unknown') return { status, questions: [] };
      if (status === 'silent' || status === 'forged') {
        const cause = { code: 'NOTARY_REVOCATION_SERVICE', message: status };
        const question = { method: 'crl', url: 'http://crl.example/', cause } as const;
        const failure = status === 'silent' ? ({ failure: 'timeout' } as const) : {};
        return { status: 'unknown', questions: [{ ...question, ...failure }] };
      }
      return { status, method: 'crl', urls: ['http://crl.example/'], finding: { status } } as never;
    });
}

async function judged(asked: Step, crypto: CryptoPort): Promise<unknown> {
  const target = artifacts[asked.artifact];
  assert.ok(target);
  const roots = asked.trusted.flatMap((at) => signers[at]?.root ?? []);
  return await verdictOf(target, {
    crypto,
    now: () => new Date(NOW.getTime() + asked.days * DAY),
    trustStore: memoryTrustStore({ 'ca:acme': roots }),
    revocation: saying(asked.revoked),
    offlineRevocation: {
      checker: () => saying(asked.kept),
      summary: () => assert.fail('no verdict needs it'),
    },
    policy: tuned(
      testPolicy({
        signatureVerification: { level: asked.level },
        trustedIdentities: [asked.identity],
      }),
      asked.tuning,
    ),
  });
}

const TUNINGS: Readonly<Record<NonNullable<Step['tuning']>, RevocationTuning>> = {
  softFail: {
    softFail: [{ hosts: 'any', methods: new Set(['crl']), failures: new Set(['timeout']) }],
  },
  offline: { offline: { directory: '/kept', maxAgeSeconds: 60 } },
};

function tuned(
  { statements }: VerifyOptions['policy'],
  tuning: Step['tuning'],
): VerifyOptions['policy'] {
  if (tuning === undefined) return { statements };
  return { statements: statements.map((one) => ({ ...one, revocation: TUNINGS[tuning] })) };
}

/** Whether a strict statement lets the leaf pass that names a service. */
function isLetPass({ tuning, revoked, kept }: Step): boolean {
  if (tuning === 'offline') return kept === 'good';
  return revoked === 'good' || (tuning === 'softFail' && revoked === 'silent');
}

test('security row 26: cache on and cache off give the same verdicts over random histories', async () => {
  const outcomes = new Map<unknown, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 16 }), async (history) => {
      const warm = createNodeCrypto({ maxKnownKeys: 4 });
      for (const asked of history) {
        const verdict = await judged(asked, warm);
        assert.deepEqual(verdict, await judged(asked, createNodeCrypto({ maxKnownKeys: 0 })));
        const { outcome } = verdict as { readonly outcome: string };
        // of the signer whose leaf names a service
        if (outcome === 'verified' && asked.level === 'strict' && asked.artifact >= 8) {
          assert.ok(isLetPass(asked), JSON.stringify(asked));
        }
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }),
    { numRuns: 60 },
  );
  // a comparison of nothing but refusals would show nothing
  assert.ok((outcomes.get('verified') ?? 0) > 20, JSON.stringify([...outcomes]));
  assert.ok((outcomes.get('denied') ?? 0) > 20, JSON.stringify([...outcomes]));
});
