import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parseJson } from '@nv2/core';
import { compileOwnPolicy } from '@nv2/notary';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { POLICY_SCHEMA_FILE, policySchemaText } from '../scripts/policy-schema.ts';

describe('the schema of policies', () => {
  test('is that of the shapes that policies are read by', async () => {
    assert.deepEqual(
      JSON.parse(await readFile(POLICY_SCHEMA_FILE, 'utf8')),
      JSON.parse(policySchemaText()),
      'run "sh scripts/node.sh scripts/policy-schema.ts", then format',
    );
  });

  const validate = new Ajv2020({ strict: true }).compile(JSON.parse(policySchemaText()));
  const policy = {
    version: 'nv2/1',
    statements: [
      {
        name: 'app',
        scopes: [{ repository: 'registry.example/app', mirrors: ['mirror.example/app'] }],
        level: 'strict',
        override: { revocation: 'log' },
        timestamp: { stores: ['tsa'], verify: 'always' },
        signers: [
          { name: 'a', stores: ['ca:a'], identities: [{ subject: 'C=US, ST=WA, O=A' }] },
          { name: 'b', keys: [`sha256:${'0'.repeat(64)}`] },
        ],
        require: { atLeast: 1 },
        metadata: { stage: 'x' },
        maxAge: '30d',
      },
    ],
  };

  test('accepts what nv2 accepts, with every field in use', () => {
    compileOwnPolicy(parseJson(JSON.stringify(policy)));
    assert.equal(validate(policy), true, JSON.stringify(validate.errors));
  });

  test('refuses what is misspelt or of another type', () => {
    const [statement] = policy.statements;
    for (const changes of [
      { signerz: [] },
      { level: 'strikt' },
      { maxAge: 30 },
      { require: 'some' },
      { scopes: [] },
    ]) {
      const changed = { ...policy, statements: [{ ...statement, ...changes }] };
      assert.equal(validate(changed), false, JSON.stringify(changes));
    }
  });
});
