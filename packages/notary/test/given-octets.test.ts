// What is in the memory of a caller, who may go on to write into it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { webCrypto } from '@nv2/core/web-crypto';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  PAYLOAD_MEDIA_TYPE,
  parseEnvelope,
  signEnvelope,
} from '@nv2/envelope';
import {
  type GivenArtifact,
  type StoredEnvelope,
  type Verdict,
  VerificationError,
  type VerifySignaturesOptions,
  verifySignatures,
} from '@nv2/notary';
import { describeContent, digestOf } from '@nv2/oci';
import { ocspAccess } from '@nv2/testkit';
import { NOW, type TestSigner, testPolicy, testSigner, trusting } from './fixture.ts';

const acme = await testSigner();
const stranger = await testSigner();
const content = encodeUtf8('an image');
const subject = describeContent(content, 'application/vnd.example.image');

async function signed(
  by: TestSigner,
  mediaType: EnvelopeMediaType = JWS_MEDIA_TYPE,
): Promise<StoredEnvelope> {
  const payload = encodePayload(subject, mediaType);
  const asked = { payload, payloadType: PAYLOAD_MEDIA_TYPE, scheme: 'notary.x509' } as const;
  const request = { ...asked, signingTime: NOW };
  return { mediaType, bytes: await signEnvelope(mediaType, request, { signer: by.signer }) };
}

async function judge(
  signature: StoredEnvelope,
  options: Partial<VerifySignaturesOptions> = {},
  about: GivenArtifact['subject'] = subject,
): Promise<Verdict> {
  const artifact = { scope: 'registry.example.com/app', subject: about, signatures: [signature] };
  const by = { policy: testPolicy(), trustStore: trusting(acme), now: () => NOW, ...options };
  try {
    return (await verifySignatures(artifact, by)).verdict;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return error.verdict;
  }
}

describe('octets of a caller', () => {
  for (const mediaType of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
    test(`that change are judged as they were compared with denials (${mediaType})`, async () => {
      const { bytes } = await signed(acme, mediaType);
      const harmless = (await signed(stranger, mediaType)).bytes;
      const denials = new Map([[digestOf(bytes), 'stolen']]);
      for (let changed = 1; changed < 8; changed++) {
        let read = 0;
        const signature: StoredEnvelope = {
          mediaType,
          get bytes() {
            read += 1;
            return read < changed ? harmless : bytes;
          },
        };
        assert.equal((await judge(signature, { denials })).outcome, 'denied', `${changed}`);
      }
    });

    test(`may be in memory that is shared (${mediaType})`, async () => {
      const { bytes } = await signed(acme, mediaType);
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      for (const own of [shared, Buffer.from(bytes)]) {
        for (const options of [{}, { crypto: webCrypto }]) {
          assert.equal((await judge({ mediaType, bytes: own }, options)).outcome, 'verified');
        }
      }
    });
  }

  for (const [what, of] of Object.entries({
    'an ArrayBuffer': (bytes: Uint8Array) => bytes.slice().buffer,
    'a DataView': (bytes: Uint8Array) => new DataView(bytes.slice().buffer),
    'a text': (bytes: Uint8Array) => new TextDecoder().decode(bytes),
    'a list': (bytes: Uint8Array) => [...bytes],
    'an array that was handed on': (bytes: Uint8Array) => {
      const gone = bytes.slice();
      structuredClone(gone, { transfer: [gone.buffer] });
      return gone;
    },
  })) {
    test(`that are ${what} decide nothing`, async () => {
      const signature = await signed(acme);
      const unfit = { ...signature, bytes: of(signature.bytes) as Uint8Array };
      assert.equal((await judge(unfit)).outcome, 'unavailable');
      const about = { mediaType: subject.mediaType, bytes: of(content) as Uint8Array };
      assert.equal((await judge(signature, {}, about)).outcome, 'unavailable');
    });
  }
});

test('what is shown of a signature is not what later ones are judged by', async () => {
  const extensions = [ocspAccess('http://ocsp.example/')];
  const signer = await testSigner({ leaf: { extensions } });
  const signature = await signed(signer);
  const trustStore = trusting(signer);
  for (let met = 0; met < 4; met++) {
    assert.equal((await judge(signature, { trustStore })).outcome, 'unavailable');
  }
  const { content } = parseEnvelope(signature.bytes, signature.mediaType);
  const shown = content.certificateChain[0]?.ocspResponders as string[];
  assert.deepEqual(shown.splice(0), ['http://ocsp.example/']);
  assert.equal((await judge(signature, { trustStore })).outcome, 'unavailable');
});
