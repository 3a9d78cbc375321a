import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodePem, encodeUtf8 } from '@nv2/core';
import {
  addCertificate,
  deleteCertificate,
  deleteTrustStore,
  directoryTrustStore,
  listCertificates,
  parseOciTrustPolicy,
  showCertificate,
  type TrustStoreType,
} from '@nv2/notary';
import { skipWithoutVectors, vectorsDir, withTempDir } from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';
import { testSigner } from './fixture.ts';

const { chain, root } = await testSigner();
const [leaf] = chain;
if (leaf === undefined) throw new Error('a chain has a leaf');

function pem(...certificates: readonly Certificate[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

function withStore(use: (store: string, root: string) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    const store = join(dir, 'ca', 'acme');
    await mkdir(store, { recursive: true });
    await use(store, dir);
  });
}

test('all certificates of all files of a store are read, PEM and DER, whatever the extension', () =>
  withStore(async (store, dir) => {
    const other = await testSigner();
    await writeFile(join(store, 'a.pem'), `text\n${pem(root, other.root)}`);
    await writeFile(join(store, 'b'), root.der);
    const certificates = await directoryTrustStore(dir).certificates('ca', 'acme');
    assert.deepEqual(
      certificates.map(({ der }) => der),
      [root.der, other.root.der, root.der],
    );
  }));

test('a removed certificate is distrusted at once', () =>
  withStore(async (store, dir) => {
    const trustStore = directoryTrustStore(dir);
    await writeFile(join(store, 'a.crt'), pem(root));
    assert.equal((await trustStore.certificates('ca', 'acme')).length, 1);
    await deleteCertificate(dir, { type: 'ca', store: 'acme', file: 'a.crt' });
    await assert.rejects(trustStore.certificates('ca', 'acme'), {
      code: 'NOTARY_TRUST_STORE_NOT_FOUND',
    });
  }));

test('what is wrong with a store has a code of its own', () =>
  withStore(async (store, dir) => {
    const read = () => directoryTrustStore(dir).certificates('ca', 'acme');
    await assert.rejects(read(), { code: 'NOTARY_TRUST_STORE_EMPTY' });
    await writeFile(join(store, 'leaf.crt'), pem(leaf));
    await assert.rejects(read(), { code: 'NOTARY_CERTIFICATE_NOT_ANCHOR' });
    await writeFile(join(store, 'leaf.crt'), 'junk');
    await assert.rejects(read(), { code: 'NOTARY_CERTIFICATE_UNREADABLE' });
    await writeFile(join(store, 'leaf.crt'), '');
    await assert.rejects(read(), { code: 'NOTARY_CERTIFICATE_UNREADABLE' });
    await writeFile(join(store, 'leaf.crt'), pem(root));
    await mkdir(join(store, 'sub'));
    await assert.rejects(read(), { code: 'NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR' });
  }));

test('links are refused, for a file and for a store', () =>
  withStore(async (store, dir) => {
    await writeFile(join(dir, 'real.crt'), pem(root));
    await symlink(join(dir, 'real.crt'), join(store, 'link.crt'));
    const trustStore = directoryTrustStore(dir);
    await assert.rejects(trustStore.certificates('ca', 'acme'), {
      code: 'NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR',
    });
    await symlink(store, join(dir, 'ca', 'linked'));
    await assert.rejects(trustStore.certificates('ca', 'linked'), {
      code: 'NOTARY_TRUST_STORE_NOT_DIRECTORY',
    });
    await writeFile(join(dir, 'ca', 'file'), '');
    await assert.rejects(trustStore.certificates('ca', 'file'), {
      code: 'NOTARY_TRUST_STORE_NOT_DIRECTORY',
    });
  }));

const TRAVERSAL = [
  '../x',
  '..',
  '.',
  '',
  'a/b',
  '/etc',
  'a\\b',
  'a\0',
  '%2e%2e',
  'a b',
  'ä',
  'a\n',
];

test('security row 19: names that leave the store are refused everywhere', () =>
  withStore(async (_store, dir) => {
    const code = 'NOTARY_TRUST_STORE_NAME_INVALID';
    for (const bad of TRAVERSAL) {
      const store = { type: 'ca', store: bad, file: 'a.crt' } as const;
      const file = { type: 'ca', store: 'acme', file: bad } as const;
      await assert.rejects(directoryTrustStore(dir).certificates('ca', bad), { code }, bad);
      await assert.rejects(showCertificate(dir, store), { code }, bad);
      await assert.rejects(showCertificate(dir, file), { code }, bad);
      await assert.rejects(deleteCertificate(dir, store), { code }, bad);
      await assert.rejects(deleteCertificate(dir, file), { code }, bad);
      await assert.rejects(deleteTrustStore(dir, { type: 'ca', store: bad }), { code }, bad);
      await assert.rejects(listCertificates(dir, { store: bad }), { code }, bad);
      const source = '/nonexistent/a.crt';
      await assert.rejects(addCertificate(dir, { type: 'ca', store: bad, source }), { code }, bad);
      const policy = {
        version: '1.0',
        trustPolicies: [
          {
            name: 'a',
            registryScopes: ['*'],
            signatureVerification: { level: 'strict' },
            trustStores: [`ca:${bad}`],
            trustedIdentities: ['*'],
          },
        ],
      };
      assert.throws(() => parseOciTrustPolicy(encodeUtf8(JSON.stringify(policy))), {
        code: 'NOTARY_POLICY_INVALID',
      });
    }
  }));

test('security row 19: types that leave the store are refused', () =>
  withStore(async (_store, dir) => {
    for (const bad of ['..', '../ca', 'CA', '']) {
      const type = bad as TrustStoreType;
      await assert.rejects(directoryTrustStore(dir).certificates(type, 'acme'), {
        code: 'NOTARY_TRUST_STORE_TYPE_INVALID',
      });
    }
  }));

test('a certificate is added once, shown, listed and deleted with its empty store', () =>
  withTempDir(async (dir) => {
    const source = join(dir, 'root.crt');
    await writeFile(source, pem(root));
    const base = join(dir, 'x509');
    const name = { type: 'ca', store: 'acme', file: 'root.crt' } as const;
    const added = await addCertificate(base, { ...name, source });
    assert.equal(added.path, join(base, 'ca', 'acme', 'root.crt'));
    assert.equal(await readFile(added.path, 'utf8'), pem(root));
    assert.equal((await stat(added.path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(base, 'ca'))).mode & 0o777, 0o700);
    await assert.rejects(addCertificate(base, { ...name, source }), {
      code: 'NOTARY_CERTIFICATE_EXISTS',
      kind: 'conflict',
    });
    assert.deepEqual((await showCertificate(base, name)).certificates[0]?.der, root.der);
    await addCertificate(base, { type: 'signingAuthority', store: 'b', source });
    assert.deepEqual(
      (await listCertificates(base)).map(({ type, store, file }) => `${type}/${store}/${file}`),
      ['ca/acme/root.crt', 'signingAuthority/b/root.crt'],
    );
    assert.equal((await listCertificates(base, { type: 'tsa' })).length, 0);
    assert.equal((await listCertificates(base, { store: 'b' })).length, 1);
    assert.equal((await deleteCertificate(base, name)).storeRemoved, true);
    assert.deepEqual(await readdir(join(base, 'ca')), []);
    await assert.rejects(deleteCertificate(base, name), { code: 'NOTARY_CERTIFICATE_NOT_FOUND' });
    await assert.rejects(showCertificate(base, name), { code: 'NOTARY_CERTIFICATE_NOT_FOUND' });
    await deleteTrustStore(base, { type: 'signingAuthority', store: 'b' });
    await assert.rejects(deleteTrustStore(base, { type: 'signingAuthority', store: 'b' }), {
      code: 'NOTARY_TRUST_STORE_NOT_FOUND',
    });
  }));

test('a store with other files stays when one is deleted', () =>
  withStore(async (store, dir) => {
    await writeFile(join(store, 'a.crt'), pem(root));
    await writeFile(join(store, 'b.crt'), pem(root));
    const name = { type: 'ca', store: 'acme', file: 'a.crt' } as const;
    const deleted = await deleteCertificate(dir, name);
    assert.deepEqual([deleted.storeRemoved, deleted.storeError], [false, undefined]);
  }));

test('what is not a trust anchor is not added, and no store is made for it', () =>
  withTempDir(async (dir) => {
    await writeFile(join(dir, 'leaf.crt'), pem(leaf));
    await writeFile(join(dir, 'junk.crt'), 'junk');
    const base = join(dir, 'x509');
    const add = (file: string) =>
      addCertificate(base, { type: 'ca', store: 'acme', source: join(dir, file) });
    await assert.rejects(add('leaf.crt'), { code: 'NOTARY_CERTIFICATE_NOT_ANCHOR' });
    await assert.rejects(add('junk.crt'), { code: 'NOTARY_CERTIFICATE_UNREADABLE' });
    await assert.rejects(add('absent.crt'), { code: 'NOTARY_FILE_NOT_FOUND' });
    assert.deepEqual((await readdir(dir)).sort(), ['junk.crt', 'leaf.crt']);
  }));

const VECTORS: readonly (readonly [TrustStoreType, string, number | string])[] = [
  ['ca', 'valid-trust-store-2', 2],
  ['ca', 'valid-trust-store-self-signed', 1],
  ['ca', 'valid-trust-store', 6],
  ['signingAuthority', 'valid-trust-store', 3],
  ['signingAuthority', 'valid-trust-store-2', 2],
  ['ca', 'trust-store-with-invalid-certs', 'NOTARY_CERTIFICATE_UNREADABLE'],
  ['ca', 'trust-store-with-leaf-certs', 'NOTARY_CERTIFICATE_NOT_ANCHOR'],
  ['ca', 'trust-store-with-leaf-certs-in-single-file', 'NOTARY_CERTIFICATE_NOT_ANCHOR'],
  ['ca', 'absent', 'NOTARY_TRUST_STORE_NOT_FOUND'],
  ['tsa', 'test-timestamp', 1],
  ['tsa', 'test-mismatch', 1],
  ['tsa', 'test-nonCA', 'NOTARY_CERTIFICATE_NOT_ROOT'],
  ['tsa', 'test-nonSelfIssued', 'NOTARY_CERTIFICATE_NOT_ROOT'],
];

for (const [type, name, expected] of VECTORS) {
  const outcome = typeof expected === 'number' ? `has ${expected} certificates` : 'is refused';
  test(`the reference's trust store ${type}/${name} ${outcome}`, {
    skip: skipWithoutVectors(),
  }, async () => {
    const trustStore = directoryTrustStore(join(vectorsDir() ?? '', 'truststore', 'x509'));
    const reading = trustStore.certificates(type, name);
    if (typeof expected === 'number') assert.equal((await reading).length, expected);
    else await assert.rejects(reading, { code: expected });
  });
}
