import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignatureVerdict, SignerDemand } from '@nv2/notary';
import { signerWords } from './verdict.ts';

const KEY = 'ab'.repeat(32);
const SIGNED: SignatureVerdict = {
  digest: `sha256:${'00'.repeat(32)}`,
  outcome: 'valid',
  checks: [],
  signer: {
    subject: 'CN=anybody,O=Acme',
    issuer: 'CN=nobody',
    serialNumber: '01',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
    thumbprint: 'cd'.repeat(32),
    publicKey: KEY,
    algorithm: 'ES256',
  },
};
const pinned: SignerDemand = { name: 'pinned', trustStores: [], trustedIdentities: [], keys: [] };
const vouched: SignerDemand = { ...pinned, name: 'vouched', trustStores: ['ca:acme'] };

test('who is known by key alone is told by the key, since the certificate may be anybody’s', () => {
  const signers = [pinned, vouched];
  const words = (...countsFor: readonly string[]): string | undefined =>
    signerWords({ ...SIGNED, countsFor }, { signers });
  assert.equal(words('pinned'), `with the key sha256:${KEY}`);
  assert.equal(words('vouched'), 'by CN=anybody,O=Acme');
  assert.equal(words('pinned', 'vouched'), 'by CN=anybody,O=Acme');
  assert.equal(signerWords(SIGNED, {}), 'by CN=anybody,O=Acme');
});
