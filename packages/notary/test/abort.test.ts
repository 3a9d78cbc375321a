import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE } from '@nv2/envelope';
import {
  inspect,
  listSignatures,
  NotaryError,
  parseBlobTrustPolicy,
  type RevocationChecker,
  sign,
  signBlob,
  type TrustStore,
  VerificationError,
  verify,
  verifyBlob,
} from '@nv2/notary';
import type { ArtifactTarget, CallOptions, Descriptor } from '@nv2/oci';
import { type MemoryTarget, ocspAccess } from '@nv2/testkit';
import { NOW, signNow, testImage, testPolicy, testSigner, trusting } from './fixture.ts';

const acme = await testSigner();
const policy = testPolicy();
const trustStore = trusting(acme);

type Operation =
  | 'resolve'
  | 'fetchManifest'
  | 'fetchBlob'
  | 'referrers'
  | 'pushBlob'
  | 'pushManifest';

/** A signed image whose source never answers one operation; the caller gives up once it is asked. */
async function silentAt(operation: Operation): Promise<{
  readonly target: ArtifactTarget;
  readonly signal: AbortSignal;
}> {
  const { target } = testImage();
  await signNow(target, acme);
  const caller = new AbortController();
  const silent = (options: CallOptions | undefined): Promise<never> =>
    silence(caller, options?.signal);
  const stuck: ArtifactTarget = {
    resolve: (_, options) => silent(options),
    fetchManifest: (_, options) => silent(options),
    fetchBlob: (_, options) => silent(options),
    pushBlob: (_bytes, _, options) => silent(options),
    pushManifest: (_bytes, _, options) => silent(options),
    async *referrers(_, options): AsyncGenerator<Descriptor> {
      yield await silent(options);
    },
  };
  const working: MemoryTarget = target;
  return { target: { ...working, [operation]: stuck[operation] }, signal: caller.signal };
}

/** Answers nothing, and ends only with the signal: which has to be handed on for it to end at all. */
function silence(caller: AbortController, signal: AbortSignal | undefined): Promise<never> {
  assert.ok(signal, 'the operation was given no signal');
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
    caller.abort();
  });
}

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof VerificationError, String(error));
  assert.equal(error.verdict.outcome, 'unavailable');
  return true;
}

const target = { reference: 'app', scope: 'registry.example.com/app', version: 'v1' };
const by = { policy, trustStore, now: () => NOW };

describe('a caller that gives up', () => {
  for (const operation of ['resolve', 'referrers', 'fetchManifest', 'fetchBlob'] as const) {
    test(`ends verify in ${operation}, and that is no decision`, async () => {
      const { target: source, signal } = await silentAt(operation);
      await assert.rejects(verify({ source, ...target }, { ...by, signal }), isUnavailable);
    });

    test(`ends inspect in ${operation}`, async () => {
      const { target: source, signal } = await silentAt(operation);
      await assert.rejects(inspect({ source, version: 'v1' }, { signal }));
    });
  }

  for (const operation of ['resolve', 'referrers', 'fetchManifest'] as const) {
    test(`ends listSignatures in ${operation}`, async () => {
      const { target: source, signal } = await silentAt(operation);
      await assert.rejects(
        listSignatures({ source, version: 'v1' }, { signal, checkManifests: true }),
      );
    });
  }

  for (const operation of ['resolve', 'pushBlob', 'pushManifest'] as const) {
    test(`ends sign in ${operation}`, async () => {
      const { target: source, signal } = await silentAt(operation);
      const format = JWS_MEDIA_TYPE;
      await assert.rejects(
        sign({ source, version: 'v1' }, { signer: acme.signer, format, signal }),
      );
    });
  }

  test('ends verify while a trust store is silent', async () => {
    const { target: source } = testImage();
    await signNow(source, acme);
    const caller = new AbortController();
    const silent: TrustStore = {
      certificates: (_type, _name, options) => silence(caller, options?.signal),
    };
    const { signal } = caller;
    await assert.rejects(
      verify({ source, ...target }, { ...by, trustStore: silent, signal }),
      isUnavailable,
    );
  });

  test('ends verify while a revocation service is silent', async () => {
    const { target: source } = testImage();
    const leaf = { extensions: [ocspAccess('http://ocsp.example/')] };
    const signer = await testSigner({ leaf });
    await signNow(source, signer);
    const caller = new AbortController();
    const revocation: RevocationChecker = (_, { signal }) => silence(caller, signal);
    const options = { ...by, trustStore: trusting(signer), revocation, signal: caller.signal };
    await assert.rejects(verify({ source, ...target }, options), isUnavailable);
  });
});

describe('a caller that gives up a blob whose content does not come', () => {
  /** Content that never goes on after its first chunk. */
  function stalled(caller: AbortController): AsyncIterable<Uint8Array> {
    let asked = 0;
    const next = (): Promise<IteratorResult<Uint8Array>> => {
      asked += 1;
      if (asked === 1) return Promise.resolve({ value: encodeUtf8('begun') });
      caller.abort();
      return new Promise(() => undefined);
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  test('ends signBlob', async () => {
    const caller = new AbortController();
    const options = { signer: acme.signer, format: JWS_MEDIA_TYPE, signal: caller.signal } as const;
    await assert.rejects(signBlob(stalled(caller), options), (error) => {
      assert.ok(error instanceof NotaryError);
      assert.equal(error.code, 'NOTARY_BLOB_UNREADABLE');
      return true;
    });
  });

  test('ends verifyBlob, and that is no decision', async () => {
    const now = (): Date => NOW;
    const format = JWS_MEDIA_TYPE;
    const content = [encodeUtf8('begun')];
    const { envelope: bytes } = await signBlob(content, { signer: acme.signer, format, now });
    const statement = {
      name: 'files',
      globalPolicy: true,
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:acme'],
      trustedIdentities: ['*'],
    };
    const document = { version: '1.0', trustPolicies: [statement] };
    const blobPolicy = parseBlobTrustPolicy(encodeUtf8(JSON.stringify(document)));
    const caller = new AbortController();
    const verifying = verifyBlob(
      { reference: 'file', content: stalled(caller) },
      { mediaType: format, bytes },
      { policy: blobPolicy, trustStore, now, signal: caller.signal },
    );
    await assert.rejects(verifying, isUnavailable);
  });
});
