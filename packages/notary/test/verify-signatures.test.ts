import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeUtf8, parseJson } from '@nv2/core';
import { webCrypto } from '@nv2/core/web-crypto';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  PAYLOAD_MEDIA_TYPE,
  signEnvelope,
} from '@nv2/envelope';
import {
  compileOwnPolicy,
  type GivenContent,
  memoryTrustStore,
  NotaryError,
  type StoredEnvelope,
  type Verdict,
  VerificationError,
  type VerifySignaturesOptions,
  verifySignatures,
} from '@nv2/notary';
import { type Descriptor, describeContent, digestOf } from '@nv2/oci';
import { causes, NOW, type TestSigner, testPolicy, testSigner, trusting } from './fixture.ts';

const acme = await testSigner();
const stranger = await testSigner();
const subject = describeContent(encodeUtf8('an image'), 'application/vnd.example.image');
const other = describeContent(encodeUtf8('another'), subject.mediaType);

async function signed(
  by: TestSigner,
  options: { readonly about?: Descriptor; readonly format?: EnvelopeMediaType } = {},
): Promise<StoredEnvelope> {
  const { about = subject, format: mediaType = JWS_MEDIA_TYPE } = options;
  const bytes = await signEnvelope(
    mediaType,
    {
      payload: encodePayload(about, mediaType),
      payloadType: PAYLOAD_MEDIA_TYPE,
      scheme: 'notary.x509',
      signingTime: NOW,
    },
    { signer: by.signer },
  );
  return { mediaType, bytes };
}

async function judge(
  signatures: readonly StoredEnvelope[],
  options: Partial<VerifySignaturesOptions> = {},
  about: Descriptor | GivenContent = subject,
): Promise<Verdict & { readonly code?: string }> {
  const scope = 'registry.example.com/app';
  const by = { policy: testPolicy(), trustStore: trusting(acme), now: () => NOW, ...options };
  try {
    return (await verifySignatures({ scope, subject: about, signatures }, by)).verdict;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { ...error.verdict, code: error.code };
  }
}

describe('signatures at hand', () => {
  test('are refused where the artifact or the envelope is denied, whatever they say', async () => {
    const signature = await signed(acme);
    const artifact = await judge([signature], { denials: new Map([[subject.digest, 'stolen']]) });
    assert.equal(artifact.code, 'NOTARY_ARTIFACT_DENIED');
    for (const algorithm of ['sha256', 'sha384', 'sha512'] as const) {
      const denials = new Map([[digestOf(signature.bytes, algorithm), 'stolen']]);
      for (const options of [{ denials }, { denials, crypto: webCrypto }]) {
        const envelope = await judge([signature], options);
        assert.equal(envelope.outcome, 'denied');
        assert.equal(envelope.signatures[0]?.cause?.code, 'NOTARY_SIGNATURE_DENIED');
      }
    }
  });

  test('are compared with the digest of the bytes that they are said to be about', async () => {
    const signatures = [await signed(acme)];
    const content = { mediaType: subject.mediaType, bytes: encodeUtf8('an image') };
    for (const options of [{}, { crypto: webCrypto }]) {
      const verdict = await judge(signatures, options, content);
      assert.equal(verdict.outcome, 'verified');
      assert.deepEqual(verdict.subject, subject);
      assert.equal(verdict.reference, 'registry.example.com/app');
    }
    for (const other of [
      { ...content, bytes: encodeUtf8('an Image') },
      { ...content, mediaType: 'application/vnd.example.other' },
    ]) {
      assert.deepEqual(causes(await judge(signatures, {}, other)), ['NOTARY_SUBJECT_MISMATCH']);
    }
  });

  for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
    test(`make an artifact accepted if one is valid, with Web Crypto too (${format})`, async () => {
      const signatures = [await signed(stranger, { format }), await signed(acme, { format })];
      for (const options of [{}, { crypto: webCrypto }]) {
        const verdict = await judge(signatures, options);
        assert.equal(verdict.outcome, 'verified');
        assert.deepEqual(verdict.subject, subject);
        assert.equal(verdict.statement?.appliesBy, 'registry.example.com/app');
        assert.deepEqual(causes(verdict), ['NOTARY_CHAIN_UNTRUSTED', undefined]);
      }
    });

    test(`are refused with any octet changed (${format})`, async () => {
      const { mediaType, bytes } = await signed(acme, { format });
      for (let at = 0; at < bytes.length; at += 97) {
        const changed = bytes.with(at, (bytes[at] ?? 0) ^ 1);
        const verdict = await judge([{ mediaType, bytes: changed }]);
        assert.equal(verdict.outcome, 'denied', `octet ${at}`);
      }
    });
  }

  test('are refused under another media type than their own', async () => {
    const { bytes } = await signed(acme);
    const unknown = 'text/plain' as EnvelopeMediaType;
    for (const mediaType of [COSE_MEDIA_TYPE, unknown] as const) {
      assert.equal((await judge([{ mediaType, bytes }])).code, 'NOTARY_VERIFICATION_FAILED');
    }
  });

  test('are refused if they are about something else', async () => {
    const verdict = await judge([await signed(acme, { about: other })]);
    assert.equal(verdict.code, 'NOTARY_VERIFICATION_FAILED');
    assert.deepEqual(causes(verdict), ['NOTARY_SUBJECT_MISMATCH']);
  });

  test('are asked for unless the policy asks for none', async () => {
    assert.equal((await judge([])).code, 'NOTARY_SIGNATURE_NOT_FOUND');
    const skip = {
      signatureVerification: { level: 'skip' },
      trustStores: undefined,
      trustedIdentities: undefined,
    };
    assert.equal((await judge([], { policy: testPolicy(skip) })).outcome, 'skipped');
  });

  test('are refused where no statement is about the repository', async () => {
    const policy = testPolicy({ registryScopes: ['registry.example.com/other'] });
    const verdict = await judge([await signed(acme)], { policy });
    assert.equal(verdict.code, 'NOTARY_POLICY_NOT_APPLICABLE');
  });

  test('are not judged where no trust policy can be asked about the scope', async () => {
    const by = { policy: testPolicy(), trustStore: trusting(acme) };
    await assert.rejects(
      verifySignatures({ scope: 'foo', subject, signatures: [await signed(acme)] }, by),
      (error) =>
        error instanceof NotaryError &&
        !(error instanceof VerificationError) &&
        error.code === 'NOTARY_SCOPE_INVALID',
    );
  });

  test('count for several signers as those of a registry do', async () => {
    const known = (name: string) => ({ name, stores: [`ca:${name}`], identities: [{ any: true }] });
    const scopes = [{ registry: 'registry.example.com' }];
    const signers = [known('acme'), known('stranger')];
    const document = {
      version: 'nv2/1',
      statements: [{ name: 'a', scopes, level: 'strict', signers }],
    };
    const by = {
      policy: compileOwnPolicy(parseJson(JSON.stringify(document))),
      trustStore: memoryTrustStore({ 'ca:acme': [acme.root], 'ca:stranger': [stranger.root] }),
    };
    const one = await signed(acme);
    assert.equal((await judge([one, await signed(acme)], by)).code, 'NOTARY_SIGNERS_MISSING');
    assert.equal((await judge([one, await signed(stranger)], by)).outcome, 'verified');
  });

  test('decide nothing where the policy asks what an index holds', async () => {
    const scopes = [{ registry: 'registry.example.com' }];
    const signers = [{ name: 'acme', stores: ['ca:acme'], identities: [{ any: true }] }];
    const statement = { name: 'a', scopes, level: 'strict', signers, platforms: ['linux/amd64'] };
    const document = { version: 'nv2/1', statements: [statement] };
    const policy = compileOwnPolicy(parseJson(JSON.stringify(document)));
    const verdict = await judge([await signed(acme)], { policy });
    assert.equal(verdict.outcome, 'unavailable');
    assert.equal(verdict.code, 'NOTARY_INDEX_FAILED');
  });

  test('are not judged any more once the caller ends it, and that is no decision', async () => {
    const verdict = await judge([await signed(acme)], { signal: AbortSignal.abort() });
    assert.equal(verdict.outcome, 'unavailable');
    assert.equal(verdict.code, 'NOTARY_VERIFICATION_UNDECIDED');
    assert.deepEqual(verdict.signatures, []);
  });
});
