import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeBase64, encodeUtf8, isDigest } from '@nv2/core';
import { JWS_MEDIA_TYPE } from '@nv2/envelope';
import {
  type BlobContent,
  loadDenials,
  NotaryError,
  parseBlobTrustPolicy,
  parseDenials,
  signBlob,
  updateDenials,
  VerificationError,
  type VerifyBlobOptions,
  verifyBlob,
} from '@nv2/notary';
import { lockFile } from '@nv2/oci';
import { withTempDir } from '@nv2/testkit';
import fc from 'fast-check';
import {
  causes,
  NOW,
  signNow,
  storeEnvelope,
  testImage,
  testPolicy,
  testSigner,
  trusting,
  verdictOf,
} from './fixture.ts';

const by = await testSigner();
const trustStore = trusting(by);
const BLOB = encodeUtf8('what is signed');
const { envelope } = await signBlob([BLOB], {
  signer: by.signer,
  format: JWS_MEDIA_TYPE,
  now: () => NOW,
});

function denying(...digests: readonly string[]): ReadonlyMap<string, string> {
  return new Map(digests.map((digest) => [digest, 'made by a stolen account']));
}

function digestOf(hash: string, bytes: Uint8Array): string {
  return `${hash}:${createHash(hash).update(bytes).digest('hex')}`;
}

describe('an artifact that is denied', () => {
  test('is refused before any signature is looked for, with the reason', async () => {
    const { target, subject } = testImage();
    await signNow(target, by);
    for (const version of ['v1', subject.digest]) {
      target.calls.length = 0;
      const verdict = await verdictOf(target, {
        trustStore,
        version,
        denials: denying(subject.digest),
      });
      assert.equal(verdict.code, 'NOTARY_ARTIFACT_DENIED');
      assert.equal(verdict.outcome, 'denied');
      assert.equal(verdict.cause?.data?.['reason'], 'made by a stolen account');
      assert.deepEqual(target.calls, version === 'v1' ? ['resolve v1'] : []);
    }
  });

  test('is refused whatever the policy says of it, or does not say', async () => {
    const { target, subject } = testImage();
    const denials = denying(subject.digest);
    for (const changes of [
      { signatureVerification: { level: 'skip' }, trustStores: [], trustedIdentities: [] },
      { registryScopes: ['registry.example.com/other'] },
    ]) {
      const verdict = await verdictOf(target, { trustStore, policy: testPolicy(changes), denials });
      assert.equal(verdict.code, 'NOTARY_ARTIFACT_DENIED');
    }
  });

  test('is no other artifact', async () => {
    const { target } = testImage();
    await signNow(target, by);
    const denials = denying(`sha256:${'0'.repeat(64)}`);
    assert.equal((await verdictOf(target, { trustStore, denials })).outcome, 'verified');
  });
});

describe('a signature that is denied', () => {
  test('is invalid without being fetched, and another one may still do', async () => {
    const { target, subject } = testImage();
    const { signature } = await signNow(target, by);
    const denials = denying(signature.digest);
    target.calls.length = 0;
    const verdict = await verdictOf(target, { trustStore, denials });
    assert.equal(verdict.code, 'NOTARY_VERIFICATION_FAILED');
    assert.equal(verdict.outcome, 'denied');
    assert.deepEqual(causes(verdict), ['NOTARY_SIGNATURE_DENIED']);
    assert.ok(!target.calls.some((call) => call.startsWith('fetch')), target.calls.join());

    await signNow(target, by, { userMetadata: new Map([['again', 'yes']]) });
    const again = await verdictOf(target, { trustStore, denials });
    assert.equal(again.outcome, 'verified');
    assert.equal(again.subject?.digest, subject.digest);
  });

  test('is denied under any other manifest by the digest of its envelope', async () => {
    const { target, subject } = testImage();
    const { envelope } = await signNow(target, by);
    const bytes = target.contents.get(envelope.digest) ?? new Uint8Array();
    await storeEnvelope(target, subject, { bytes });
    assert.equal((await verdictOf(target, { trustStore })).outcome, 'verified');
    const denials = denying(envelope.digest);
    const verdict = await verdictOf(target, { trustStore, denials });
    assert.equal(verdict.outcome, 'denied');
    assert.deepEqual(causes(verdict), ['NOTARY_SIGNATURE_DENIED', 'NOTARY_SIGNATURE_DENIED']);
  });

  test('is denied by any digest of its envelope or manifest, whichever it is listed with', async () => {
    const { target, subject } = testImage();
    const { envelope } = await signNow(target, by);
    const bytes = target.contents.get(envelope.digest) ?? new Uint8Array();
    const renamed = { ...envelope, digest: digestOf('sha512', bytes) };
    for (const layer of [renamed, { ...renamed, data: encodeBase64(bytes) }]) {
      const { target } = testImage();
      target.contents.set(layer.digest, bytes);
      const manifest = { layers: [layer] };
      const signature = await storeEnvelope(target, subject, { bytes, manifest });
      const stored = target.contents.get(signature.digest) ?? new Uint8Array();
      const listed = { ...signature, digest: digestOf('sha384', stored) };
      target.contents.set(listed.digest, stored);
      target.listed.set(subject.digest, [listed]);
      assert.equal((await verdictOf(target, { trustStore })).outcome, 'verified');
      for (const { digest } of [envelope, layer, signature, listed]) {
        const verdict = await verdictOf(target, { trustStore, denials: denying(digest) });
        assert.deepEqual(causes(verdict), ['NOTARY_SIGNATURE_DENIED'], digest);
      }
    }
  });
});

describe('a blob', () => {
  async function codeOf(
    changes: object,
    options: Pick<VerifyBlobOptions, 'denials'> & { readonly content?: BlobContent },
  ): Promise<string> {
    const { content = [BLOB], ...rest } = options;
    const statement = {
      name: 'all',
      globalPolicy: true,
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:acme'],
      trustedIdentities: ['*'],
      ...changes,
    };
    const document = { version: '1.0', trustPolicies: [statement] };
    const policy = parseBlobTrustPolicy(encodeUtf8(JSON.stringify(document)));
    const signature = { bytes: envelope, mediaType: JWS_MEDIA_TYPE } as const;
    try {
      await verifyBlob({ reference: 'blob', content }, signature, {
        policy,
        statement: 'all',
        trustStore,
        now: () => NOW,
        ...rest,
      });
      return 'verified';
    } catch (error) {
      assert.ok(error instanceof VerificationError);
      assert.equal(error.verdict.outcome, 'denied');
      return error.code;
    }
  }

  test('is denied by any digest of its content, whichever the signature has', async () => {
    assert.equal(await codeOf({}, {}), 'verified');
    const skipped = {
      globalPolicy: false,
      signatureVerification: { level: 'skip' },
      trustStores: [],
      trustedIdentities: [],
    };
    for (const hash of ['sha256', 'sha384', 'sha512']) {
      const denials = denying(digestOf(hash, BLOB));
      assert.equal(await codeOf({}, { denials }), 'NOTARY_ARTIFACT_DENIED', hash);
      assert.equal(await codeOf(skipped, { denials }), 'NOTARY_ARTIFACT_DENIED', hash);
    }
  });

  test('is denied also where its signature cannot be decided', async () => {
    const denials = denying(digestOf('sha512', BLOB));
    const absent = { trustStores: ['ca:absent'] };
    assert.equal(await codeOf(absent, { denials }), 'NOTARY_ARTIFACT_DENIED');
  });

  test('is not read for a signature that is denied', async () => {
    const content = { [Symbol.iterator]: () => assert.fail('the content was read') };
    for (const hash of ['sha256', 'sha512']) {
      const denials = denying(digestOf(hash, envelope));
      assert.equal(await codeOf({}, { denials, content }), 'NOTARY_VERIFICATION_FAILED', hash);
    }
  });
});

describe('a denial list', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const item = { digest, reason: 'x' };

  function refused(document: unknown): void {
    const bytes = typeof document === 'string' ? document : JSON.stringify(document);
    assert.throws(() => parseDenials(encodeUtf8(bytes)), { code: 'NOTARY_OWN_POLICY_INVALID' });
  }

  test('is read as a whole or not at all', () => {
    const read = parseDenials(encodeUtf8(JSON.stringify({ version: 'nv2/1', denials: [item] })));
    assert.deepEqual([...read], [[digest, 'x']]);
    const version = 'nv2/1';
    for (const document of [
      '',
      'version: nv2/1\ndenials: []\n',
      '{"version":"nv2/1","denials":[],"denials":[]}',
      [],
      { denials: [] },
      { version },
      { version: 'nv2/2', denials: [] },
      { version, denials: [], more: 1 },
      { version, denials: [item, item] },
      { version, denials: [{ ...item, reason: '' }] },
      { version, denials: [{ ...item, reason: 'a\nb' }] },
      { version, denials: [{ ...item, until: 'tomorrow' }] },
      { version, denials: [{ digest }] },
      { version, denials: [{ ...item, digest: digest.toUpperCase() }] },
      { version, denials: [{ ...item, digest: 'sha256:00' }] },
    ]) {
      refused(document);
    }
  });

  test('of any octets is read, or refused with its code', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8)), (bytes) => {
        try {
          for (const one of parseDenials(bytes).keys()) assert.ok(isDigest(one));
        } catch (error) {
          assert.ok(error instanceof NotaryError, String(error));
          assert.equal(error.code, 'NOTARY_OWN_POLICY_INVALID');
        }
      }),
    );
  });

  test('is empty where there is no file, and anything else is an error', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'nv2-denials-'));
    t.after(() => rm(dir, { recursive: true }));
    const paths = { config: dir, libexec: dir, cache: dir };
    const file = join(dir, 'denials.json');
    assert.equal((await loadDenials(paths)).size, 0);
    await Promise.all(
      ['b', 'c', 'd'].map((hex) =>
        updateDenials(paths, (before) => new Map(before).set(`sha256:${hex.repeat(64)}`, hex)),
      ),
    );
    assert.deepEqual([...(await loadDenials(paths)).values()].sort(), ['b', 'c', 'd']);
    await writeFile(file, '{}');
    await assert.rejects(loadDenials(paths), { code: 'NOTARY_OWN_POLICY_INVALID' });
    await assert.rejects(
      updateDenials(paths, () => assert.fail('it was changed')),
      { code: 'NOTARY_OWN_POLICY_INVALID' },
    );
    await rm(file);
    await symlink(join(dir, 'nowhere'), file);
    await assert.rejects(loadDenials(paths), { code: 'NOTARY_FILE_NOT_REGULAR' });
  });

  test('is not waited for by a caller that gives up', () =>
    withTempDir(async (dir) => {
      const paths = { config: dir, libexec: dir, cache: dir };
      const held = await lockFile(join(dir, 'denials.json.lock'), { timeoutMs: 0 });
      try {
        const reason = new Error('no time left');
        const options = { signal: AbortSignal.abort(reason) };
        await assert.rejects(
          updateDenials(paths, (before) => before, options),
          reason,
        );
      } finally {
        await held?.release();
      }
    }));
});
