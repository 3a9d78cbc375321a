import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JsonValue, parseJson } from '@nv2/core';
import { compileOwnPolicy, memoryTrustStore, type OwnTrustPolicy, type Verdict } from '@nv2/notary';
import {
  DAY,
  NOW,
  storeSignature,
  type TestSigner,
  testImage,
  testSigner,
  verdictOf,
} from './fixture.ts';

const build = await testSigner();
const security = await testSigner();
const stranger = await testSigner();

function json(value: unknown): JsonValue {
  return parseJson(JSON.stringify(value));
}

function asks(changes: object = {}, signers: readonly object[] = both()): OwnTrustPolicy {
  const scopes = [{ registry: 'registry.example.com' }];
  const statement = { name: 'app', scopes, level: 'strict', signers, ...changes };
  return compileOwnPolicy(json({ version: 'nv2/1', statements: [statement] }));
}

function knownBy(name: string): object {
  return { name, stores: [`ca:${name}`], identities: [{ any: true }] };
}

function both(): readonly object[] {
  return [knownBy('build'), knownBy('security')];
}

const trustStore = memoryTrustStore({
  'ca:build': [build.root],
  'ca:security': [security.root],
  'ca:either': [build.root, security.root],
});

async function judge(
  policy: OwnTrustPolicy,
  ...by: readonly TestSigner[]
): Promise<Verdict & { readonly code?: string }> {
  const { target, subject } = testImage();
  for (const one of by) await storeSignature(target, subject, { by: one });
  return verdictOf(target, { policy, trustStore });
}

describe('a statement that asks for several signers', () => {
  test('is met by a signature of each, in any order, whoever else signed', async () => {
    for (const by of [
      [build, security],
      [stranger, security, build],
    ]) {
      const verdict = await judge(asks(), ...by);
      assert.equal(verdict.outcome, 'verified');
      assert.equal(verdict.signatures.length, by.length);
    }
  });

  test('is not met by one of them, however often it signed', async () => {
    const verdict = await judge(asks(), build, build, stranger);
    assert.equal(verdict.outcome, 'denied');
    assert.equal(verdict.cause?.code, 'NOTARY_SIGNERS_MISSING');
    assert.deepEqual(verdict.cause?.data?.['absent'], ['security']);
    assert.deepEqual(
      verdict.signatures.map(({ countsFor }) => countsFor),
      [['build'], ['build'], undefined],
    );
  });

  test('security row 11: is not met by one key that both would be known by', async () => {
    const signers = [
      { ...knownBy('either'), name: 'a' },
      { ...knownBy('either'), name: 'b' },
    ];
    const alone = await judge(asks({}, signers), build, build);
    assert.equal(alone.cause?.code, 'NOTARY_SIGNERS_MISSING');
    assert.equal((await judge(asks({}, signers), build, security)).outcome, 'verified');
  });

  test('counts as many as it asks for', async () => {
    assert.equal((await judge(asks({ require: 'any' }), security)).outcome, 'verified');
    const three = [...both(), knownBy('either')];
    const two = { require: { atLeast: 2 } };
    assert.equal((await judge(asks(two, three), security, build)).outcome, 'verified');
    assert.equal((await judge(asks(two, three), security)).outcome, 'denied');
    assert.equal((await judge(asks({}, three), security, build)).outcome, 'denied');
  });

  test('stays undecided where a signature that might complete it could not be judged', async () => {
    const { target, subject } = testImage();
    await storeSignature(target, subject, { by: build });
    await storeSignature(target, subject, { by: security });
    const verdict = await verdictOf(target, {
      policy: asks(),
      trustStore: {
        certificates: async (type, name) => {
          if (name === 'security') throw new Error('the disk is on fire');
          return trustStore.certificates(type, name);
        },
      },
    });
    assert.equal(verdict.outcome, 'unavailable');
  });

  test('with a broken trust store is met by the others, or undecided where it might be met', async () => {
    const known = [knownBy('either'), knownBy('absent')];
    const any = { require: 'any' };
    assert.equal((await judge(asks(any, known), build)).outcome, 'verified');
    // one of the two keys may be of the signer whose store is not there
    const verdict = await judge(asks({}, known), build, security);
    assert.equal(verdict.outcome, 'unavailable');
    assert.match(
      String(verdict.cause?.message),
      /the trust store absent of type ca does not exist/,
    );
    assert.match(String(verdict.cause?.hint), /cert add/);
    // one key is too few, whoever is in that store
    const alone = await judge(asks({}, known), build, build);
    assert.deepEqual([alone.outcome, alone.code], ['denied', 'NOTARY_SIGNERS_MISSING']);
  });

  test('is denied where what is undecided would not be enough: nobody makes it so by one more signature', async () => {
    const known = [knownBy('build'), knownBy('security'), knownBy('absent')];
    for (const by of [[build], [build, stranger], [stranger], [build, stranger, stranger]]) {
      assert.equal((await judge(asks({}, known), ...by)).outcome, 'denied');
    }
    const enough = await judge(asks({}, known), build, security, stranger);
    assert.equal(enough.outcome, 'unavailable');
    const signature = enough.signatures.find(({ outcome }) => outcome === 'undecided');
    assert.deepEqual(
      [signature?.countsFor, signature?.checks[1]?.result],
      [undefined, 'undecided'],
    );
    assert.equal(
      (await judge(asks({ require: { atLeast: 2 } }, known), stranger)).outcome,
      'denied',
    );
    assert.equal((await judge(asks({ require: 'any' }, known), stranger)).outcome, 'unavailable');
  });
});

describe('a signer known by key', () => {
  const pinned = async (one: TestSigner): Promise<string> => {
    const verdict = await judge(asks({ require: 'any' }, [knownBy('either')]), one);
    return `sha256:${verdict.signatures[0]?.signer?.publicKey}`;
  };

  test('needs no trust store', async () => {
    const keys = [await pinned(build)];
    const policy = asks({}, [{ name: 'k', keys }]);
    assert.equal((await judge(policy, build)).outcome, 'verified');
    const other = await judge(policy, security);
    assert.equal(other.signatures[0]?.cause?.code, 'NOTARY_KEY_UNTRUSTED');
  });

  test('is not believed about the time of its own signature', async () => {
    const expired = await testSigner({
      root: { notBefore: NOW.getTime() - 400 * DAY },
      leaf: { notBefore: NOW.getTime() - 100 * DAY, notAfter: NOW.getTime() - 10 * DAY },
    });
    const timestamp = { stores: ['t'] };
    const then = new Date(NOW.getTime() - 50 * DAY);
    for (const [by, signingTime, changes] of [
      [expired, then, {}],
      [expired, then, { timestamp }],
      [build, NOW, { timestamp }],
    ] as const) {
      const { target, subject } = testImage();
      const request = { scheme: 'notary.x509.signingAuthority', signingTime } as const;
      await storeSignature(target, subject, { by, request });
      const publicKey = (await verdictOf(target, { trustStore })).signatures[0]?.signer?.publicKey;
      const policy = asks(changes, [{ name: 'k', keys: [`sha256:${publicKey}`] }]);
      const verdict = await verdictOf(target, { policy, trustStore });
      assert.equal(verdict.outcome, 'denied');
      assert.equal(verdict.signatures[0]?.cause?.code, 'NOTARY_TRUST_STORE_NONE');
    }
  });

  test('with a trust store too has to be in both', async () => {
    const keys = [await pinned(build)];
    assert.equal(
      (await judge(asks({}, [{ ...knownBy('build'), keys }]), build)).outcome,
      'verified',
    );
    const elsewhere = await judge(asks({}, [{ ...knownBy('security'), keys }]), build);
    assert.equal(elsewhere.signatures[0]?.cause?.code, 'NOTARY_CHAIN_UNTRUSTED');
  });
});

test('metadata and age that a statement demands are demanded of every signature', async () => {
  const { target, subject } = testImage();
  await storeSignature(target, subject, { by: build });
  const signers = [knownBy('build')];
  const causeOf = async (changes: object, now = NOW): Promise<string | undefined> => {
    const options = { policy: asks(changes, signers), trustStore, now: () => now };
    return (await verdictOf(target, options)).signatures[0]?.cause?.code;
  };
  assert.equal(await causeOf({ metadata: { stage: 'x' } }), 'NOTARY_METADATA_MISMATCH');
  const later = new Date(NOW.getTime() + DAY / 2 + 1);
  assert.equal(await causeOf({ maxAge: '12h' }), undefined);
  assert.equal(await causeOf({ maxAge: '12h' }, later), 'NOTARY_SIGNATURE_TOO_OLD');
});

test('a signing time that is yet to come meets no age, but for clocks that differ by 5 minutes', async () => {
  const { target, subject } = testImage();
  await storeSignature(target, subject, { by: build });
  const causeOf = async (aheadMs: number, changes: object): Promise<string | undefined> => {
    const now = new Date(NOW.getTime() - aheadMs);
    const policy = asks(changes, [knownBy('build')]);
    const options = { policy, trustStore, now: () => now };
    return (await verdictOf(target, options)).signatures[0]?.cause?.code;
  };
  const skewMs = 5 * 60 * 1000;
  assert.equal(await causeOf(skewMs, { maxAge: '12h' }), undefined);
  assert.equal(await causeOf(skewMs + 1, { maxAge: '12h' }), 'NOTARY_SIGNATURE_TOO_OLD');
  assert.equal(await causeOf(skewMs + 1, {}), undefined);
});
