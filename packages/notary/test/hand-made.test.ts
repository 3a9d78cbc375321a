// What programs in plain JavaScript hand over: nothing that the types forbid may make a no into a yes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { encodePayload, JWS_MEDIA_TYPE, PAYLOAD_MEDIA_TYPE, signEnvelope } from '@nv2/envelope';
import {
  type BlobTrustPolicy,
  CHECKS,
  type Denials,
  directoryTrustStore,
  LEVELS,
  parseBlobTrustPolicy,
  pluginDirectory,
  type RequiredSigner,
  resolveActions,
  type SignatureVerification,
  type StoredEnvelope,
  signBlob,
  type TrustedIdentity,
  type TrustStatement,
  type TrustStore,
  type Verdict,
  VerificationError,
  type VerifyBlobOptions,
  type VerifySignaturesOptions,
  verify,
  verifyBlob,
  verifySignatures,
} from '@nv2/notary';
import { describeContent, digestOf } from '@nv2/oci';
import type { Certificate } from '@nv2/x509';
import {
  causes,
  NOW,
  signNow,
  type TestSigner,
  testImage,
  testPolicy,
  testSigner,
  trusting,
} from './fixture.ts';
import { ownPolicy } from './own-policy.ts';

const acme = await testSigner();
const stranger = await testSigner();
const content = encodeUtf8('an image');
const subject = describeContent(content, 'application/vnd.example.image');
const scope = 'registry.example.com/app';
const [STATEMENT] = testPolicy().statements;
const [SIGNER] = STATEMENT?.signers ?? [];
const DENIED = digestOf(content);

async function signed(by: TestSigner): Promise<StoredEnvelope> {
  const mediaType = JWS_MEDIA_TYPE;
  const payload = encodePayload(subject, mediaType);
  const asked = { payload, payloadType: PAYLOAD_MEDIA_TYPE, scheme: 'notary.x509' } as const;
  const request = { ...asked, signingTime: NOW };
  return { mediaType, bytes: await signEnvelope(mediaType, request, { signer: by.signer }) };
}

/** A policy of one statement, of which some fields are as no type allows. */
function handMade(changes: object): { readonly statements: readonly TrustStatement[] } {
  return { statements: [{ ...STATEMENT, ...changes } as TrustStatement] };
}

function verification(changes: object): { readonly signatureVerification: SignatureVerification } {
  const { signatureVerification } = STATEMENT as TrustStatement;
  return { signatureVerification: { ...signatureVerification, ...changes } };
}

async function verdictOf(verifying: Promise<{ readonly verdict: Verdict }>): Promise<Verdict> {
  try {
    return (await verifying).verdict;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return error.verdict;
  }
}

async function judge(
  by: TestSigner,
  options: Partial<VerifySignaturesOptions> = {},
): Promise<Verdict> {
  const signatures = [await signed(by)];
  const asked = { policy: testPolicy(), trustStore: trusting(acme), now: () => NOW, ...options };
  return await verdictOf(verifySignatures({ scope, subject, signatures }, asked));
}

const LEVELS_THAT_ARE_NONE = ['Strict', 'strict ', '', undefined, null, 0, '__proto__', {}];

describe('a statement that was made by hand', () => {
  for (const level of LEVELS_THAT_ARE_NONE) {
    test(`of the level ${JSON.stringify(level)} lets no stranger pass, and nobody`, async () => {
      const policy = handMade(verification({ level }));
      for (const by of [stranger, acme]) {
        assert.equal((await judge(by, { policy })).outcome, 'unavailable');
      }
      const { target: source } = testImage();
      await signNow(source, stranger);
      const target = { source, version: 'v1', reference: 'app', scope };
      const by = { policy, trustStore: trusting(acme), now: () => NOW };
      assert.equal((await verdictOf(verify(target, by))).outcome, 'unavailable');
    });
  }

  for (const [check, action] of [
    ['authenticity', 'Enforce'],
    ['authenticity', 'skip'],
    ['authenticity', undefined],
    ['expiry', 'skip'],
    ['integrity', 'skip'],
    ['revocation', ''],
    ['Authenticity', 'log'],
  ]) {
    test(`that makes ${check} ${action} lets nobody pass`, async () => {
      const policy = handMade(verification({ override: new Map([[check, action]]) }));
      for (const by of [stranger, acme]) {
        assert.equal((await judge(by, { policy })).outcome, 'unavailable');
      }
    });
  }

  for (const threshold of [null, false, [], 0, -1, 1.5, Number.NaN, '1', undefined, 3]) {
    test(`with the threshold ${JSON.stringify(threshold)} lets nobody pass`, async () => {
      const signers = [SIGNER, { ...SIGNER, name: 'another' }];
      const policy = handMade({ signers, threshold });
      assert.equal((await judge(acme, { policy })).outcome, 'unavailable');
    });
  }

  test('with a threshold of two whose level enforces no authenticity lets nobody pass', async () => {
    const signers = [SIGNER, { ...SIGNER, name: 'another' }];
    const policy = handMade({ signers, threshold: 2, ...verification({ level: 'audit' }) });
    assert.equal((await judge(acme, { policy })).outcome, 'unavailable');
  });

  for (const verifyTimestamp of ['Always', '', undefined]) {
    test(`with the timestamp option ${verifyTimestamp} lets nobody pass without one`, async () => {
      const timestampStores = [{ type: 'tsa', name: 'time' }];
      const policy = handMade({ ...verification({ verifyTimestamp }), timestampStores });
      assert.equal((await judge(acme, { policy })).outcome, 'unavailable');
    });
  }

  for (const attributes of [new Map(), []]) {
    test(`trusts nobody by a subject without attributes, given as ${attributes.constructor.name}`, async () => {
      const identity = { kind: 'x509.subject', text: 'x509.subject:', attributes };
      const policy = handMade({ signers: [{ ...SIGNER, trustedIdentities: [identity] }] });
      assert.deepEqual(causes(await judge(acme, { policy })), ['NOTARY_IDENTITY_MISMATCH']);
    });
  }

  test('asks for metadata also where what is expected is undefined', async () => {
    const metadata = new Map([['team', undefined]]);
    const policy = handMade({ demands: { metadata } });
    assert.deepEqual(causes(await judge(acme, { policy })), ['NOTARY_METADATA_MISMATCH']);
    const userMetadata = metadata as ReadonlyMap<string, unknown> as ReadonlyMap<string, string>;
    assert.deepEqual(causes(await judge(acme, { userMetadata })), ['NOTARY_METADATA_MISMATCH']);
  });

  test('is judged by as it is when it is asked for, whatever is written into it meanwhile', async () => {
    const anybody: TrustedIdentity[] = [{ kind: 'any', text: '*' }];
    const nobody: TrustedIdentity[] = [{ kind: 'other', text: 'plugin:nobody' }];
    const known = { ...SIGNER, trustedIdentities: nobody } as RequiredSigner;
    const signers = [known];
    const trustStore: TrustStore = {
      certificates: async () => {
        nobody.push(...anybody);
        signers.push({ ...known, name: 'another', trustedIdentities: anybody });
        return [acme.root];
      },
    };
    const verdict = await judge(acme, { policy: handMade({ signers }), trustStore });
    assert.deepEqual(causes(verdict), ['NOTARY_IDENTITY_NONE']);
  });
});

/** What may stand where something else is expected. */
const JUNK = [
  undefined,
  null,
  Number.NaN,
  '',
  'x',
  0,
  -1,
  1.5,
  true,
  [],
  ['x'],
  {},
  new Map(),
  new Set(),
];

/** Every copy of a value of which one part is junk. */
function* spoiled(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Set) return;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const build = (changed: [unknown, unknown][]): unknown => {
    if (value instanceof Map) return new Map(changed);
    return Array.isArray(value)
      ? changed.map(([, item]) => item)
      : Object.fromEntries(changed as [string, unknown][]);
  };
  for (const [at, [key, part]] of entries.entries()) {
    for (const other of [...JUNK, ...spoiled(part)]) yield build(entries.with(at, [key, other]));
  }
}

test('with junk anywhere in a statement no stranger passes, and one of two signers does not', async () => {
  const known = { stores: ['ca:acme'], identities: [{ subject: 'C=US, ST=WA, O=Notary' }] };
  const signers = [
    { ...known, name: 'one' },
    { ...known, name: 'two' },
  ];
  const offline = { directory: '/answers', maxAge: '1h' };
  const { statements } = ownPolicy({ signers, revocation: { offline } });
  const asked = [await signed(stranger), await signed(acme), await signed(acme)];
  let count = 0;
  for (const unfit of spoiled(statements)) {
    const policy = { statements: unfit as readonly TrustStatement[] };
    const by = { policy, trustStore: trusting(acme), now: () => NOW };
    const judging = verdictOf(verifySignatures({ scope, subject, signatures: asked }, by));
    const { outcome } = await judging;
    assert.ok(outcome === 'denied' || outcome === 'unavailable', `${count}: ${outcome}`);
    count += 1;
  }
  assert.ok(count > 400, `${count}`);
});

test('the levels and checks cannot be written into', () => {
  assert.ok([CHECKS, LEVELS, ...Object.values(LEVELS)].every(Object.isFrozen));
  const { signatureVerification } = STATEMENT as TrustStatement;
  assert.notEqual(resolveActions(signatureVerification), LEVELS.strict);
});

for (const reason of [undefined, null, '']) {
  test(`what is denied for the reason ${reason} is denied`, async () => {
    const denials = new Map([[DENIED, reason]]) as ReadonlyMap<string, unknown> as Denials;
    assert.equal((await judge(acme, { denials })).cause?.code, 'NOTARY_ARTIFACT_DENIED');
  });
}

test('a document that nobody has read as a policy is told as that', async () => {
  const known = { name: 'a', stores: ['ca:acme'], identities: [{ any: true }] };
  for (const document of [
    { version: '1.0', trustPolicies: [] },
    {
      version: 'nv2/1',
      statements: [{ name: 'a', scopes: [{ any: true }], level: 'strict', signers: [known] }],
    },
  ]) {
    const policy = document as unknown as VerifySignaturesOptions['policy'];
    const { outcome, cause } = await judge(acme, { policy });
    assert.equal(outcome, 'unavailable');
    assert.match(cause?.message ?? '', /as parseOciTrustPolicy and compileOwnPolicy give it/);
  }
});

test('a trust store that gives octets in place of certificates is told as that', async () => {
  const given: unknown = [acme.root.der];
  const trustStore: TrustStore = { certificates: async () => given as Certificate[] };
  const { outcome, cause } = await judge(acme, { trustStore });
  assert.equal(outcome, 'unavailable');
  assert.match(cause?.message ?? '', /ca:acme gives what is no parsed certificate/);
});

test('a directory without a name is not the current one', () => {
  assert.throws(() => directoryTrustStore(''), TypeError);
  assert.throws(() => pluginDirectory(''), TypeError);
});

test('a trust store that has nothing to give decides nothing', async () => {
  const trustStore: TrustStore = { certificates: async () => [] };
  const verdict = await judge(acme, { trustStore });
  assert.equal(verdict.outcome, 'unavailable');
  assert.deepEqual(causes(verdict), ['NOTARY_TRUST_STORE_EMPTY']);
  const timestampStores = [{ type: 'tsa', name: 'time' }];
  const named: TrustStore = {
    certificates: async (type) => (type === 'tsa' ? [] : [acme.root]),
  };
  const policy = handMade({ timestampStores });
  // without a timestamp that is a no all the same
  assert.equal((await judge(acme, { policy, trustStore: named })).outcome, 'denied');
});

describe('a blob', () => {
  const policy = parseBlobTrustPolicy(
    encodeUtf8(
      JSON.stringify({
        version: '1.0',
        trustPolicies: [
          {
            name: 'app',
            globalPolicy: true,
            signatureVerification: { level: 'strict' },
            trustStores: ['ca:acme'],
            trustedIdentities: ['*'],
          },
        ],
      }),
    ),
  );

  async function judgeBlob(
    by: TestSigner,
    options: Partial<VerifyBlobOptions> = {},
  ): Promise<Verdict> {
    const format = JWS_MEDIA_TYPE;
    const { envelope } = await signBlob([content], { signer: by.signer, format, now: () => NOW });
    const asked = { policy, trustStore: trusting(acme), now: () => NOW, ...options };
    const signature: StoredEnvelope = { mediaType: format, bytes: envelope };
    return await verdictOf(verifyBlob({ reference: 'a', content: [content] }, signature, asked));
  }

  test('is not judged by a statement about images, which may ask for more', async () => {
    assert.equal((await judgeBlob(acme)).outcome, 'verified');
    const known = { stores: ['ca:acme'], identities: [{ any: true }] };
    const signers = [
      { ...known, name: 'one' },
      { ...known, name: 'two' },
    ];
    for (const other of [ownPolicy({ signers }), ownPolicy({ platforms: ['linux/amd64'] })]) {
      const unfit = other as unknown as BlobTrustPolicy;
      const verdict = await judgeBlob(acme, { policy: unfit, statement: 'app' });
      assert.equal(verdict.outcome, 'unavailable');
    }
  });

  test('is not accepted by a level that there is not', async () => {
    const statements = policy.statements.map((one) => ({
      ...one,
      ...verification({ level: 'Strict' }),
    }));
    const unfit = { ...policy, statements };
    assert.equal((await judgeBlob(stranger, { policy: unfit })).outcome, 'unavailable');
  });
});
