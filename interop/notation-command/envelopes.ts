// Signatures that no command line makes: of the past, or changed after they were made.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JWS_MEDIA_TYPE, PAYLOAD_MEDIA_TYPE, signEnvelope } from '@nv2/envelope';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { loadKeyPair } from '@nv2/notary';
import { openRepository, parseReference } from '@nv2/oci';
import type { ScriptCommand } from '@nv2/testkit';

const DAY = 24 * 60 * 60 * 1000;

/** What a change makes of an envelope in JWS. */
const CHANGES: Readonly<Record<string, (jws: Readonly<Record<string, string>>) => object>> = {
  none: (jws) => jws,
  payload: ({ payload = '', ...jws }) => ({
    ...jws,
    payload: recode(payload, (text) => text.replace(/"size":\d+/, '"size":1')),
  }),
  signature: ({ signature = '', ...jws }) => ({
    ...jws,
    signature: (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1),
  }),
  scheme: ({ protected: header = '', ...jws }) => ({
    ...jws,
    protected: recode(header, (text) => text.replace('notary.x509', 'notary.x510')),
  }),
};

/**
 * `envelope FILE REFERENCE KEY DAYS CHANGE`: a JWS envelope of what REFERENCE names, signed with KEY
 * so many days ago, and expired a day later where that is not now; then changed.
 */
export function envelopeCommand(home: string): ScriptCommand {
  return async ({ args: [file = '', reference = '', key = '', days = '', change = ''] }) => {
    const { mediaType, digest, size } = await resolveReference(reference);
    const signingTime = new Date(Date.now() - Number(days) * DAY);
    const keyPair = { keyPath: join(home, `${key}.key`), certPath: join(home, `${key}.crt`) };
    const bytes = await signEnvelope(
      JWS_MEDIA_TYPE,
      {
        payload: Buffer.from(JSON.stringify({ targetArtifact: { digest, mediaType, size } })),
        payloadType: PAYLOAD_MEDIA_TYPE,
        scheme: 'notary.x509',
        signingTime,
        expiry: days === '0' ? undefined : new Date(signingTime.getTime() + DAY),
      },
      { signer: await loadKeyPair(keyPair) },
    );
    const changed = CHANGES[change]?.(JSON.parse(Buffer.from(bytes).toString()));
    assert.ok(changed, `no change is called ${change}`);
    await writeFile(join(home, file), JSON.stringify(changed));
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}

async function resolveReference(text: string) {
  const transport = nodeTransport({});
  try {
    const client = createHttpClient({ transport, userAgent: 'nv2-interop' });
    const reference = parseReference(text);
    return await openRepository(reference, { client }).resolve(reference.digest ?? '');
  } finally {
    transport.close();
  }
}

function recode(base64: string, change: (text: string) => string): string {
  const text = change(Buffer.from(base64, 'base64url').toString());
  return Buffer.from(text).toString('base64url');
}
