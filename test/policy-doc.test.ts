import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { readPolicy } from '../packages/cli/src/trust/policy-file.ts';
import { ROOT } from '../scripts/run-command.ts';

test('the policies of docs/policy.md are policies', async () => {
  const text = await readFile(`${ROOT}/docs/policy.md`, 'utf8');
  const policies = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml ?? '');
  assert.ok(policies.length > 0);
  for (const policy of policies) {
    const { format } = await readPolicy(encodeUtf8(policy), 'docs/policy.md');
    assert.equal(format, 'nv2');
  }
});
