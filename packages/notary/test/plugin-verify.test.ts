import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ExtendedAttribute,
  encodePayload,
  JWS_MEDIA_TYPE,
  type SignRequest,
} from '@nv2/envelope';
import {
  CAPABILITY,
  NotaryError,
  type PluginMetadata,
  type RevocationChecker,
  type Verdict,
  type VerifyOptions,
} from '@nv2/notary';
import { ocspAccess } from '@nv2/testkit';
import { type FakeAnswers, type FakeCalls, fakePlugin, finderOf } from './fake-plugin.ts';
import {
  NOW,
  storeSignature,
  testImage,
  testPolicy,
  testSigner,
  trusting,
  verdictOf,
} from './fixture.ts';

const by = await testSigner();
const stranger = await testSigner();
const revocable = await testSigner({ leaf: { extensions: [ocspAccess('http://ocsp.example/')] } });

const IDENTITY = CAPABILITY.trustedIdentity;
const REVOCATION = CAPABILITY.revocationCheck;

function critical(key: string | number, value: ExtendedAttribute['value']): ExtendedAttribute {
  return { key, critical: true, value };
}

const NAMED = critical('io.cncf.notary.verificationPlugin', 'demo');

function minVersion(version: string): ExtendedAttribute {
  return critical('io.cncf.notary.verificationPluginMinVersion', version);
}

interface Case {
  readonly capabilities?: readonly string[];
  readonly metadata?: Partial<PluginMetadata>;
  /** By capability; a plugin without any says yes to everything. */
  readonly results?: Readonly<Record<string, boolean>>;
  readonly processed?: readonly string[];
  readonly attributes?: readonly ExtendedAttribute[];
  readonly request?: Partial<SignRequest>;
  readonly answers?: FakeAnswers;
  readonly signer?: typeof by;
  readonly policy?: object;
  readonly options?: Partial<VerifyOptions>;
}

/** The verdict on an image with one signature that names the plugin. */
async function judge(one: Case): Promise<{
  readonly verdict: Verdict & { readonly code?: string };
  readonly calls: FakeCalls;
}> {
  const { target, subject } = testImage();
  await storeSignature(target, subject, {
    by: one.signer ?? by,
    request: { extendedAttributes: [NAMED, ...(one.attributes ?? [])], ...one.request },
  });
  const { plugin, calls } = fakePlugin(
    { capabilities: one.capabilities ?? [IDENTITY, REVOCATION], ...one.metadata },
    {
      'verify-signature': ({ trustPolicy }) => ({
        verificationResults: new Map(
          Object.entries(
            one.results ??
              Object.fromEntries(trustPolicy.signatureVerification.map((key) => [key, true])),
          ).map(([key, success]) => [key, { success, reason: success ? undefined : 'no reason' }]),
        ),
        processedAttributes: one.processed ?? [],
      }),
      ...one.answers,
    },
  );
  const verdict = await verdictOf(target, {
    trustStore: trusting(by),
    policy: testPolicy(one.policy),
    plugins: finderOf(plugin),
    ...one.options,
  });
  return { verdict, calls };
}

async function causeOf(one: Case): Promise<string | undefined> {
  const { verdict } = await judge(one);
  assert.notEqual(verdict.outcome, 'verified');
  assert.equal(verdict.signatures[0]?.outcome === 'valid', false);
  return verdict.signatures[0]?.cause?.code;
}

function checksOf({ signatures }: Verdict): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (signatures[0]?.checks ?? []).map(({ check, result }) => [check, result]),
  );
}

const LEVELS = ['strict', 'permissive', 'audit'] as const;

function atLevel(level: string, override: object = {}): object {
  return { signatureVerification: { level, override } };
}

const revoked: RevocationChecker = () =>
  Promise.reject(new NotaryError('NOTARY_CERTIFICATE_REVOKED', 'revoked'));

describe('a verification plugin', () => {
  test('is asked what its capabilities and the policy make it answer for', async () => {
    const signingTime = new Date('2026-03-01T11:00:00Z');
    const expiry = new Date('2026-03-02T00:00:00Z');
    const pluginConfig = new Map([['a', 'b']]);
    const { verdict, calls } = await judge({
      attributes: [
        critical('x', 'y'),
        { key: 'z', critical: false, value: 1 },
        minVersion('1.0.0'),
      ],
      processed: ['x'],
      request: { scheme: 'notary.x509.signingAuthority', signingTime, expiry },
      policy: { trustStores: ['signingAuthority:acme'], trustedIdentities: ['other:x'] },
      options: {
        pluginConfig,
        trustStore: { certificates: async () => [by.root] },
        revocation: revoked,
      },
    });
    assert.equal(verdict.outcome, 'verified');
    assert.deepEqual(calls, [
      ['get-plugin-metadata', { pluginConfig }],
      [
        'verify-signature',
        {
          contractVersion: '1.0',
          signature: {
            criticalAttributes: {
              contentType: 'application/vnd.cncf.notary.payload.v1+json',
              signingScheme: 'notary.x509.signingAuthority',
              expiry: '2026-03-02T00:00:00Z',
              authenticSigningTime: '2026-03-01T11:00:00Z',
              extendedAttributes: new Map<string, unknown>([
                ['x', 'y'],
                ['z', 1],
              ]),
            },
            unprocessedAttributes: ['x'],
            certificateChain: by.chain.map(({ der }) => der),
          },
          trustPolicy: {
            trustedIdentities: ['other:x'],
            signatureVerification: [IDENTITY, REVOCATION],
          },
          pluginConfig,
        },
      ],
    ]);
  });

  test('stands in the verdict with its name, what it processed and what it answered for', async () => {
    const extension = async (one: Case): Promise<readonly object[]> => {
      const { verdict } = await judge(one);
      return (verdict.signatures[0]?.checks ?? []).flatMap(
        ({ check, action, result, cause, plugin, processedAttributes }) =>
          plugin === undefined
            ? []
            : [{ check, action, result, cause: cause?.code, plugin, processedAttributes }],
      );
    };
    const base = { action: 'enforce', plugin: 'demo', cause: undefined };
    const none = { processedAttributes: undefined };
    const passed = { ...base, check: 'extension', result: 'passed' };
    const authenticity = { ...base, ...none, check: 'authenticity', result: 'passed' };
    const revocation = { ...base, ...none, check: 'revocation', result: 'passed' };
    const attributes = [critical('x', 'y'), { key: 'z', critical: false, value: 1 }];
    assert.deepEqual(await extension({ attributes, processed: ['x'] }), [
      authenticity,
      { ...passed, processedAttributes: ['x'] },
      revocation,
    ]);
    const answered = { ...passed, processedAttributes: [] };
    assert.deepEqual(await extension({ capabilities: [IDENTITY] }), [authenticity, answered]);
    assert.deepEqual(await extension({ capabilities: [REVOCATION] }), [answered, revocation]);
    const refused = { cause: 'NOTARY_PLUGIN_REFUSED', result: 'failed' };
    assert.deepEqual(
      await extension({ capabilities: [IDENTITY], results: { [IDENTITY]: false } }),
      [{ ...authenticity, ...refused }, answered],
    );
    const unfit = { ...base, ...none, check: 'extension', result: 'failed' };
    for (const level of LEVELS) {
      assert.deepEqual(await extension({ attributes, policy: atLevel(level) }), [
        { ...unfit, cause: 'NOTARY_ATTRIBUTE_UNPROCESSED' },
      ]);
      assert.deepEqual(
        await extension({ attributes: [minVersion('9.0.0')], policy: atLevel(level) }),
        [{ ...unfit, cause: 'NOTARY_PLUGIN_TOO_OLD' }],
      );
    }
    assert.deepEqual(await extension({ signer: stranger }), [{ ...unfit, result: 'skipped' }]);
  });

  test('is told the year 1 where a signature does not expire', async () => {
    const { calls } = await judge({});
    assert.partialDeepStrictEqual(calls[1]?.[1], {
      signature: { criticalAttributes: { expiry: '0001-01-01T00:00:00Z' } },
    });
  });

  test('replaces the checks of its capabilities, and no others', async () => {
    const identity = { trustedIdentities: ['x509.subject: C=XX, ST=XX, O=XX'] };
    const both = await judge({
      policy: identity,
      signer: revocable,
      options: { revocation: revoked, trustStore: trusting(revocable) },
    });
    assert.equal(both.verdict.outcome, 'verified');
    assert.deepEqual(checksOf(both.verdict), {
      integrity: 'passed',
      authenticity: 'passed',
      expiry: 'passed',
      authenticTimestamp: 'passed',
      extension: 'passed',
      revocation: 'passed',
    });
    assert.equal(
      await causeOf({ capabilities: [REVOCATION], policy: identity }),
      'NOTARY_IDENTITY_MISMATCH',
    );
    assert.equal(
      await causeOf({
        capabilities: [IDENTITY],
        signer: revocable,
        options: { revocation: revoked, trustStore: trusting(revocable) },
      }),
      'NOTARY_CERTIFICATE_REVOKED',
    );
  });

  test('security row 16: never replaces the validity of the chain', async () => {
    for (const [index, { notAfter, notBefore }] of by.chain.entries()) {
      const expired = await causeOf({ options: { now: () => new Date(notAfter + 1) } });
      assert.equal(expired, 'NOTARY_CERTIFICATE_EXPIRED', String(index));
      const early = await causeOf({ options: { now: () => new Date(notBefore - 1) } });
      assert.equal(early, 'NOTARY_CERTIFICATE_NOT_YET_VALID', String(index));
    }
  });

  test('security row 1: is run for no more signatures than may be read', async () => {
    const { target, subject } = testImage();
    for (let i = 0; i < 5; i++) {
      const signingTime = new Date(NOW.getTime() - i * 1000);
      await storeSignature(target, subject, {
        ...{ by, request: { extendedAttributes: [NAMED], signingTime } },
      });
    }
    const { plugin, calls } = fakePlugin({ capabilities: [IDENTITY] }, {});
    const options = { trustStore: trusting(by), plugins: finderOf(plugin), maxSignatures: 3 };
    const { outcome } = await verdictOf(target, options);
    assert.notEqual(outcome, 'verified');
    assert.equal(calls.length, 6);
  });

  test('security row 6: never replaces the trust store, the expiry, or what was signed', async () => {
    const untrusted = await judge({ signer: stranger });
    assert.equal(untrusted.verdict.signatures[0]?.cause?.code, 'NOTARY_CHAIN_UNTRUSTED');
    assert.deepEqual(untrusted.calls, [], 'a stranger makes no plugin run');
    const signingTime = new Date(NOW.getTime() - 2000);
    const expiry = new Date(NOW.getTime() - 1000);
    assert.equal(await causeOf({ request: { signingTime, expiry } }), 'NOTARY_SIGNATURE_EXPIRED');
    const userMetadata = new Map([['a', 'b']]);
    assert.equal(await causeOf({ options: { userMetadata } }), 'NOTARY_METADATA_MISMATCH');
    const size = testImage().subject.size + 1;
    const payload = encodePayload({ ...testImage().subject, size }, JWS_MEDIA_TYPE);
    assert.equal(await causeOf({ request: { payload } }), 'NOTARY_SUBJECT_MISMATCH');
  });

  test('is not asked for revocation where the policy skips it', async () => {
    const policy = atLevel('strict', { revocation: 'skip' });
    const both = await judge({ policy });
    assert.equal(both.verdict.outcome, 'verified');
    assert.partialDeepStrictEqual(both.calls[1]?.[1], {
      trustPolicy: { signatureVerification: [IDENTITY] },
    });
    assert.equal(checksOf(both.verdict)['revocation'], 'skipped');
    const none = await judge({ policy, capabilities: [REVOCATION] });
    assert.equal(none.verdict.outcome, 'verified');
    assert.equal(none.calls.length, 1);
    assert.equal(
      await causeOf({ policy, capabilities: [REVOCATION], attributes: [critical('x', 1)] }),
      'NOTARY_ATTRIBUTE_UNPROCESSED',
    );
  });

  test('has its no enforced or logged as the policy says of the check', async () => {
    const noIdentity = { [IDENTITY]: false, [REVOCATION]: true };
    const noRevocation = { [IDENTITY]: true, [REVOCATION]: false };
    for (const [results, level, outcome, checks] of [
      [noIdentity, 'strict', 'denied', { authenticity: 'failed', revocation: 'skipped' }],
      [noIdentity, 'permissive', 'denied', { authenticity: 'failed', revocation: 'skipped' }],
      [noIdentity, 'audit', 'verified', { authenticity: 'failed', revocation: 'passed' }],
      [noRevocation, 'strict', 'denied', { authenticity: 'passed', revocation: 'failed' }],
      [noRevocation, 'permissive', 'verified', { authenticity: 'passed', revocation: 'failed' }],
      [noRevocation, 'audit', 'verified', { authenticity: 'passed', revocation: 'failed' }],
    ] as const) {
      const { verdict } = await judge({ results, policy: atLevel(level) });
      assert.equal(verdict.outcome, outcome, level);
      assert.partialDeepStrictEqual(checksOf(verdict), checks);
      if (checks.authenticity === 'failed')
        assert.equal(verdict.signatures[0]?.countsFor, undefined);
      const [failed] = verdict.signatures[0]?.checks.filter(({ cause }) => cause) ?? [];
      assert.equal(failed?.cause?.code, 'NOTARY_PLUGIN_REFUSED');
    }
  });

  const boom = (code: ConstructorParameters<typeof NotaryError>[0]): FakeAnswers => ({
    'verify-signature': () => Promise.reject(new NotaryError(code, 'boom')),
  });
  // what is wrong with the plugin itself says nothing about the signature
  const BROKEN: ReadonlySet<string> = new Set([
    'NOTARY_PLUGIN_VERSION_INVALID',
    'NOTARY_PLUGIN_NAME_MISMATCH',
    'NOTARY_PLUGIN_METADATA_INVALID',
    'NOTARY_PLUGIN_NOT_STARTED',
    'NOTARY_PLUGIN_CRASHED',
    'NOTARY_PLUGIN_TIMEOUT',
    'NOTARY_PLUGIN_MALFORMED',
  ]);
  const deadly: readonly (readonly [string, Case, string])[] = [
    [
      'is not there',
      { options: { plugins: finderOf({ ...fakePlugin({}, {}).plugin, name: 'x' }) } },
      'NOTARY_PLUGIN_NOT_FOUND',
    ],
    ['is too old', { attributes: [minVersion('1.0.1')] }, 'NOTARY_PLUGIN_TOO_OLD'],
    [
      'is a pre-release of what is needed',
      { attributes: [minVersion('1.0.0')], metadata: { version: '1.0.0-rc.1' } },
      'NOTARY_PLUGIN_TOO_OLD',
    ],
    ['has no semantic version', { metadata: { version: 'v1' } }, 'NOTARY_PLUGIN_VERSION_INVALID'],
    [
      'cannot verify',
      { capabilities: [CAPABILITY.rawSignature] },
      'NOTARY_PLUGIN_CAPABILITY_MISSING',
    ],
    ['calls itself otherwise', { metadata: { name: 'x' } }, 'NOTARY_PLUGIN_NAME_MISMATCH'],
    ['says too little of itself', { metadata: { url: '' } }, 'NOTARY_PLUGIN_METADATA_INVALID'],
    ['does not start', { answers: boom('NOTARY_PLUGIN_NOT_STARTED') }, 'NOTARY_PLUGIN_NOT_STARTED'],
    ['crashes', { answers: boom('NOTARY_PLUGIN_CRASHED') }, 'NOTARY_PLUGIN_CRASHED'],
    ['hangs', { answers: boom('NOTARY_PLUGIN_TIMEOUT') }, 'NOTARY_PLUGIN_TIMEOUT'],
    ['talks nonsense', { answers: boom('NOTARY_PLUGIN_MALFORMED') }, 'NOTARY_PLUGIN_MALFORMED'],
    ['says nothing', { results: {} }, 'NOTARY_PLUGIN_RESULTS_MISMATCH'],
    ['says half of it', { results: { [IDENTITY]: true } }, 'NOTARY_PLUGIN_RESULTS_MISMATCH'],
    [
      'answers for another capability',
      { capabilities: [IDENTITY], results: { [REVOCATION]: true } },
      'NOTARY_PLUGIN_RESULTS_MISMATCH',
    ],
    [
      'answers for more than was asked',
      { capabilities: [IDENTITY], results: { [IDENTITY]: true, [REVOCATION]: true } },
      'NOTARY_PLUGIN_RESULTS_MISMATCH',
    ],
    [
      'does not process a critical attribute',
      { attributes: [critical('x', 1)], processed: ['X'] },
      'NOTARY_ATTRIBUTE_UNPROCESSED',
    ],
  ];
  for (const [what, one, code] of deadly) {
    test(`security row 24: fails closed at every level if it ${what}`, async () => {
      for (const level of LEVELS) {
        const { verdict } = await judge({ ...one, policy: atLevel(level) });
        const cause = verdict.signatures[0]?.cause;
        assert.equal(cause?.code, code);
        // those of plugins that only fail here have none
        if (one.answers === undefined && one.options === undefined) assert.ok(cause?.hint, code);
        assert.equal(verdict.outcome, BROKEN.has(code) ? 'unavailable' : 'denied');
      }
    });
  }

  test('that is broken decides nothing; a stranger, who makes no plugin run, is denied', async () => {
    const broken = { answers: boom('NOTARY_PLUGIN_MALFORMED') };
    assert.equal((await judge(broken)).verdict.outcome, 'unavailable');
    for (const level of ['strict', 'permissive']) {
      const one = { ...broken, signer: stranger, policy: atLevel(level) };
      const { verdict, calls } = await judge(one);
      assert.equal(verdict.outcome, 'denied');
      assert.deepEqual(calls, []);
    }
  });

  test('is named by critical, well-formed attributes, or the signature is refused', async () => {
    const name = (value: ExtendedAttribute['value'], isCritical = true): Case => ({
      request: { extendedAttributes: [{ ...NAMED, value, critical: isCritical }] },
    });
    const invalid = 'NOTARY_ATTRIBUTE_INVALID';
    assert.equal(await causeOf(name('demo', false)), invalid);
    assert.equal(await causeOf(name(1)), invalid);
    assert.equal(await causeOf(name(' ')), invalid);
    assert.equal(await causeOf({ attributes: [minVersion('one')] }), invalid);
    assert.equal(
      await causeOf({ attributes: [{ ...minVersion('1.0.0'), critical: false }] }),
      invalid,
    );
  });

  test('need not process what is not critical', async () => {
    const attributes = [{ key: 'x', critical: false, value: 'y' }];
    assert.equal((await judge({ attributes })).verdict.outcome, 'verified');
  });

  test('is not run where nobody gave a way to run plugins', async () => {
    const { target, subject } = testImage();
    await storeSignature(target, subject, { by, request: { extendedAttributes: [NAMED] } });
    const { signatures } = await verdictOf(target, { trustStore: trusting(by) });
    assert.equal(signatures[0]?.cause?.code, 'NOTARY_PLUGIN_UNSUPPORTED');
  });
});
