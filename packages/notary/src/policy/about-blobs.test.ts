import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { isAboutBlobs } from './about-blobs.ts';

const SCOPED = { registryScopes: ['*'] };

function about(file: string, ...trustPolicies: readonly object[]): boolean {
  return isAboutBlobs(encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies })), file);
}

test('a policy in a file of the name of one about images is never about blobs', () => {
  for (const file of ['trustpolicy.oci.json', 'trustpolicy.json']) {
    assert.equal(about(file, { globalPolicy: true }), false, file);
  }
});

test('one without scopes is about blobs by the name of its file, or by a global statement', () => {
  assert.equal(about('trustpolicy.blob.json', {}), true);
  assert.equal(about('a.json', {}), false);
  assert.equal(about('a.json', {}, { globalPolicy: true }), true);
  assert.equal(about('a.json', { registryScopes: null, globalPolicy: true }), true);
  assert.equal(about('a.json', { registryScopes: [], globalPolicy: false }), false);
});

test('one whose statements all have scopes is about images', () => {
  assert.equal(about('trustpolicy.blob.json', SCOPED), false);
  assert.equal(about('a.json', { ...SCOPED, globalPolicy: true }), false);
});

test('what is wrong in a policy does not keep it from being known', () => {
  assert.equal(about('a.json', { globalPolicy: 'yes', trustStores: 1, level: 'strct' }), true);
  assert.equal(about('trustpolicy.blob.json', { name: 1 }), true);
  assert.equal(about('trustpolicy.blob.json', { registryScopes: '*' }), false);
});

test('what is no policy in notation format is not about blobs', () => {
  for (const text of [
    '',
    '{',
    '[]',
    '{}',
    '{"trustPolicies":1}',
    'version: nv2/1\nstatements: []',
  ]) {
    assert.equal(isAboutBlobs(encodeUtf8(text), 'trustpolicy.blob.json'), false, text);
  }
  const marked = `\uFEFF${JSON.stringify({ trustPolicies: [{ globalPolicy: true }] })}`;
  assert.equal(isAboutBlobs(encodeUtf8(marked), 'a.json'), true);
});
