import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { JWS_MEDIA_TYPE, parseEnvelope, payloadOf } from '@nv2/envelope';
import { directoryTrustStore, type OciTrustPolicy, type Verdict } from '@nv2/notary';
import { memoryTarget, skipWithoutVectors, vectorsDir } from '@nv2/testkit';
import { storeEnvelope, testPolicy, verdictOf } from './fixture.ts';

const skip = skipWithoutVectors();
const PLUGIN = 'NOTARY_PLUGIN_UNSUPPORTED';

/** Verifies an envelope of the reference as the signature of the artifact that its payload names. */
async function verdictOnVector(name: string, now?: string): Promise<Verdict> {
  const read = (file: string) => readFile(join(vectorsDir() ?? '', 'envelopes', 'mock', file));
  const bytes = await read(name);
  // the payload of the invalid ones cannot even be decoded; it is about the artifact of the others
  const readable = name.includes('_invalid_') ? await read('ca_valid_sig_env.json') : bytes;
  const { content } = parseEnvelope(readable, JWS_MEDIA_TYPE);
  const { mediaType, digest, size } = payloadOf(content).targetArtifact;
  const subject = { mediaType, digest, size };
  const target = memoryTarget();
  target.tags.set('v1', subject);
  await storeEnvelope(target, subject, { bytes });
  // these chains are valid for a century; some were expired on purpose
  const at = now === undefined ? new Date(content.signingTime + 1000) : new Date(now);
  return verdictOf(target, {
    trustStore: directoryTrustStore(join(vectorsDir() ?? '', 'truststore', 'x509')),
    policy: bothSchemes(),
    now: () => at,
  });
}

function bothSchemes(): OciTrustPolicy {
  const trustStores = ['ca:valid-trust-store', 'signingAuthority:valid-trust-store'];
  return testPolicy({ trustStores });
}

const EXPECTED: Readonly<Record<string, string | undefined>> = {
  'ca_valid_sig_env.json': undefined,
  'sa_valid_sig_env.json': undefined,
  'ca_expired_sig_env.json': 'NOTARY_SIGNATURE_EXPIRED',
  'sa_expired_sig_env.json': 'NOTARY_SIGNATURE_EXPIRED',
  'ca_invalid_sig_env.json': 'ENVELOPE_SIGNATURE_INVALID',
  'sa_invalid_sig_env.json': 'ENVELOPE_SIGNATURE_INVALID',
  'ca_plugin_sig_env.json': PLUGIN,
  'sa_plugin_sig_env.json': PLUGIN,
  'ca_compatible_pluginver_sig_env_0.0.9.json': PLUGIN,
  'ca_compatible_pluginver_sig_env_1.0.0-alpha.beta.json': PLUGIN,
  'ca_compatible_pluginver_sig_env_1.0.0-alpha.json': PLUGIN,
  'ca_compatible_pluginver_sig_env_1.0.0.json': PLUGIN,
  'ca_incompatible_pluginver_sig_env_1.0.1.json': PLUGIN,
  'ca_incompatible_pluginver_sig_env_1.0.9.json': PLUGIN,
  'ca_incompatible_pluginver_sig_env_1.1.0-alpha.json': PLUGIN,
  'ca_incompatible_pluginver_sig_env_1.2.3.json': PLUGIN,
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`the reference's ${name} gives ${expected ?? 'a valid signature'}`, { skip }, async () => {
    const now = name.includes('_expired_') ? '2026-03-01T00:00:00Z' : undefined;
    const verdict = await verdictOnVector(name, now);
    assert.equal(verdict.signatures[0]?.cause?.code, expected);
    assert.equal(verdict.outcome === 'verified', expected === undefined);
    if (expected === PLUGIN) assert.equal(verdict.outcome, 'unavailable');
  });
}

test("the metadata of the reference's signature is in the verdict", { skip }, async () => {
  const verdict = await verdictOnVector('sig_env_with_metadata.json');
  assert.deepEqual(verdict.signatures[0]?.userMetadata, {
    'io.wabbit-networks.buildId': '123',
    'io.wabbit-networks.buildTime': '1672944615',
  });
});
