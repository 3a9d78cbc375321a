import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hintForUnknownFlag } from './unknown-flag.ts';

const FLAGS = ['identity', 'insecure-registry', 'output', 'pin', 'trust', 'help'];

test('a flag of another program is told by the name that it has here', () => {
  assert.equal(hintForUnknownFlag('plain-http', FLAGS), 'nv2 has --insecure-registry for that');
  assert.equal(hintForUnknownFlag('format', FLAGS), 'nv2 has --output for that');
  assert.equal(hintForUnknownFlag('key', FLAGS), 'nv2 has --pin and --trust for that');
});

test('one that the command has under no name is not', () => {
  assert.equal(hintForUnknownFlag('plain-http', ['help']), undefined);
  assert.equal(hintForUnknownFlag('nothing-like-it', FLAGS), undefined);
});

test('what nv2 does not do is said, and never how to check less', () => {
  assert.match(hintForUnknownFlag('insecure-ignore-tlog', FLAGS) ?? '', /no transparency log/);
  assert.match(hintForUnknownFlag('certificate-oidc-issuer', FLAGS) ?? '', /no keyless signing/);
  assert.match(hintForUnknownFlag('insecure', FLAGS) ?? '', /^SSL_CERT_FILE /);
});

test('of a question it is said how it is answered, and that there is none only where there is none', () => {
  assert.equal(hintForUnknownFlag('yes', ['force']), 'nv2 has --force for that');
  assert.equal(hintForUnknownFlag('force', ['yes']), 'nv2 has --yes for that');
  assert.match(hintForUnknownFlag('yes', FLAGS) ?? '', /nothing is asked/);
});

test('a slip of the keyboard is told', () => {
  assert.equal(hintForUnknownFlag('identiy', FLAGS), '--identity may be meant');
  assert.equal(hintForUnknownFlag('Trust', FLAGS), '--trust may be meant');
  assert.equal(hintForUnknownFlag('ton', FLAGS), undefined);
});
