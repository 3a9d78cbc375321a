// What may be in a trust store, under nv2 and notation-go: every file in every type of store.
import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeBase64, encodePem } from '@nv2/core';
import { directoryTrustStore, NotaryError, type TrustStoreType } from '@nv2/notary';
import { makeChain, withTempDir } from '@nv2/testkit';
import { type CertificateTemplate, issueCertificate } from '@nv2/x509';
import { askPeer } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';

const TYPES: readonly TrustStoreType[] = ['ca', 'signingAuthority', 'tsa'];
const STATEMENT = {
  name: 'all',
  registryScopes: ['*'],
  signatureVerification: { level: 'skip' },
};
const POLICY = { version: '1.0', trustPolicies: [STATEMENT] };

const algorithm = { kind: 'ec', curve: 'P-256' } as const;

/** Files by what they hold. */
async function makeFiles(): Promise<Readonly<Record<string, Uint8Array | string>>> {
  const { chain, authorities, leafKey } = await makeChain({ algorithm, depth: 3 });
  const [leaf, intermediate, root] = chain;
  const alone = await makeChain({ algorithm, depth: 1 });
  const expired = await makeChain({ algorithm, depth: 2, now: new Date('2020-01-01T00:00:00Z') });
  const [, top] = authorities;
  assert.ok(leaf && intermediate && root && top);
  const own = async (changes: Partial<CertificateTemplate>): Promise<Uint8Array> => {
    const subject = [{ type: '2.5.4.3', value: 'root' }];
    const template = { subject, notBefore: Date.now() - 1000, notAfter: Date.now() + 1e9 };
    const spki = top.key.spki;
    return (await issueCertificate({ ...template, spki, ...changes }, { key: top.key })).der;
  };
  const ca = { ca: true };
  const pem = (...ders: readonly Uint8Array[]): string =>
    ders.map((der) => encodePem('CERTIFICATE', der)).join('');
  // names itself as its issuer, and is signed by somebody else
  const forged = await issueCertificate(
    { subject: [], notBefore: 0, notAfter: 1e12, spki: leafKey.spki, basicConstraints: ca },
    { key: top.key },
  );
  return {
    'a root': pem(root.der),
    'a root in DER': root.der,
    'a root in DER with octets behind it': Buffer.concat([root.der, Uint8Array.of(0)]),
    'an intermediate': pem(intermediate.der),
    'a leaf': pem(leaf.der),
    'a root and a leaf': pem(root.der, leaf.der),
    'a root and an intermediate': pem(root.der, intermediate.der),
    'the same root twice': pem(root.der, root.der),
    'a self-signed leaf': pem(alone.root.der),
    'a root that has expired': pem(expired.root.der),
    'a CA without key usage': pem(await own({ basicConstraints: ca })),
    'a CA that may not sign certificates': pem(
      await own({ basicConstraints: ca, keyUsage: ['digitalSignature'] }),
    ),
    'no CA, and may sign certificates': pem(await own({ keyUsage: ['keyCertSign'] })),
    'self-issued, signed by another': pem(forged.der),
    'text around a root': `text\n${pem(root.der)}more text\n`,
    'a private key beside a root': `${pem(root.der)}${encodePem('PRIVATE KEY', alone.leafPkcs8)}`,
    'another label': encodePem('X509 CERTIFICATE', root.der),
    'a byte order mark before a root': `\ufeff${pem(root.der)}`,
    'carriage returns': pem(root.der).replaceAll('\n', '\r\n'),
    'a cut root': pem(root.der.subarray(0, -1)),
    nothing: '',
    text: 'no certificate',
  };
}

async function read(root: string, type: TrustStoreType, name: string) {
  try {
    const certificates = await directoryTrustStore(root).certificates(type, name);
    return certificates.map(({ der }) => encodeBase64(der));
  } catch (error) {
    if (error instanceof NotaryError) return undefined;
    throw error;
  }
}

interface Store {
  readonly type: TrustStoreType;
  readonly name: string;
  readonly what: string;
}

/** Stores of one type: one for each file, and ones that are not made as they should be. */
async function makeStores(root: string, type: TrustStoreType): Promise<readonly Store[]> {
  const at = (...path: readonly string[]): string => join(root, type, ...path);
  const stores: Store[] = [];
  for (const [i, [what, content]] of Object.entries(await makeFiles()).entries()) {
    const name = `store-${i}`;
    await mkdir(at(name), { recursive: true });
    await writeFile(at(name, 'file'), content);
    stores.push({ type, name, what: `${type}: ${what}` });
  }
  await mkdir(at('empty'));
  await mkdir(at('nested/folder'), { recursive: true });
  await mkdir(at('links'));
  await symlink(at('store-0/file'), at('links/file'));
  await symlink(at('store-0'), at('linked'));
  await writeFile(at('plain'), 'a file');
  const odd = ['empty', 'nested', 'links', 'linked', 'plain', 'absent', '..', 'a b'];
  return [...stores, ...odd.map((name) => ({ type, name, what: `${type}: ${name}` }))];
}

const skip = await skipWithoutPeers('nv2-peer');

describe('trust stores under nv2 and notation-go', { skip }, () => {
  test('hold the same certificates, or are refused by both', async (t) => {
    await withTempDir(async (configDir) => {
      const root = join(configDir, 'truststore/x509');
      await writeFile(join(configDir, 'trustpolicy.oci.json'), JSON.stringify(POLICY));
      const stores = (await Promise.all(TYPES.map((type) => makeStores(root, type)))).flat();
      const answers = await askPeer(
        'config-read',
        stores.map(({ type, name }) => ({ configDir, trustStores: [{ type, name }] })),
      );
      let accepted = 0;
      for (const [i, { type, name, what }] of stores.entries()) {
        const ours = await read(root, type, name);
        assert.deepEqual(ours, answers[i]?.trustStores?.[0], `${what}: ${answers[i]?.error}`);
        if (ours !== undefined) accepted++;
      }
      t.diagnostic(`${stores.length} stores, ${accepted} accepted`);
      assert.ok(accepted > 20);
    });
  });
});
