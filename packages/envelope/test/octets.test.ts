import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COSE_MEDIA_TYPE,
  JWS_MEDIA_TYPE,
  localSigner,
  parseEnvelope,
  signEnvelope,
  verifyEnvelope,
} from '../src/index.ts';
import { identity } from './fixtures.ts';
import { PAYLOAD, PAYLOAD_TYPE } from './forge.ts';

for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const)
  test(`what was read from ${format} stays as it was, whatever becomes of the octets`, async () => {
    const { chain, key, now } = await identity('EC-256');
    const value = format === COSE_MEDIA_TYPE ? Uint8Array.of(1, 2, 3) : 'x';
    const bytes = await signEnvelope(
      format,
      {
        payload: PAYLOAD,
        payloadType: PAYLOAD_TYPE,
        scheme: 'notary.x509',
        signingTime: new Date(now),
        extendedAttributes: [{ key: 'io.example.x', critical: false, value }],
      },
      { signer: localSigner(key, chain) },
    );
    const { content: expected } = await verifyEnvelope(bytes, format);
    // memory that can shrink, and memory that other threads write to
    const buffers: readonly (ArrayBuffer | SharedArrayBuffer)[] = [
      Reflect.construct(ArrayBuffer, [bytes.length, { maxByteLength: bytes.length }]),
      new SharedArrayBuffer(bytes.length),
    ];
    for (const buffer of buffers) {
      const view = new Uint8Array(buffer);
      view.set(bytes);
      const shown = parseEnvelope(view, format);
      const pending = verifyEnvelope(view, format);
      view.fill(0);
      assert.deepEqual((await pending).content, expected);
      assert.deepEqual(shown.content, expected);
    }
  });
