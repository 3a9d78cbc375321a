// Trust policy documents read, validated and selected from by nv2 and by notation-go.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NotaryError, parseOciTrustPolicy, selectStatement } from '@nv2/notary';
import { policyRuleWords } from '../../packages/cli/src/text/notation-policy.ts';
import { askPeer, type PeerVerdict } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';
import { type PolicyCase, policyCases, REPOSITORIES } from './policy-cases.ts';

/** Not RFC 4514, and read by the reference all the same: quoted values, and `;` as a separator. */
const STRICTER = /O=\\"a\\"|C=US;ST=WA;O=x/;

/** Go's own words about a malformed name are not copied. */
const RUNTIME_TEXT = / failed with err: .*?\. A valid DN/s;

const skip = await skipWithoutPeers('nv2-peer');

function attempt<T>(action: () => T): T | NotaryError {
  try {
    return action();
  } catch (error) {
    if (error instanceof NotaryError) return error;
    throw error;
  }
}

function selected({ bytes }: PolicyCase, repository: string): string | NotaryError {
  return attempt(() => {
    const policy = parseOciTrustPolicy(bytes, { allowTrailingData: true });
    return selectStatement(policy, repository).statement.name;
  });
}

/** Asserts that both sides say the same of a document, and tells how far that could be compared. */
function judge(
  policy: PolicyCase,
  answer: PeerVerdict | undefined,
): 'accepted' | 'refused' | 'same words' {
  assert.ok(answer);
  const ours = attempt(() => parseOciTrustPolicy(policy.bytes, { allowTrailingData: true }));
  const refused = ours instanceof NotaryError;
  const rule = refused ? ours.data?.['rule'] : undefined;
  if (rule === 'identity-dn-malformed' && STRICTER.test(policy.text)) return 'refused';
  assert.equal(!refused, answer.ok, `${policy.text}\n${answer.error ?? 'accepted'}`);
  if (!refused) return 'accepted';
  const malformed = ours.code === 'NOTARY_POLICY_MALFORMED';
  assert.equal(malformed, answer.stage === 'decode', policy.text);
  if (malformed || policy.unordered) return 'refused';
  const theirs = answer.error?.replace(RUNTIME_TEXT, ' failed. A valid DN');
  assert.equal(policyRuleWords(ours.data ?? {}), theirs, policy.text);
  return 'same words';
}

describe('trust policies under nv2 and notation-go', { skip }, () => {
  const cases = policyCases();

  test('the same documents are accepted, and a broken rule is told in the same words', async (t) => {
    const answers = await askPeer(
      'policy-validate',
      cases.map(({ bytes }) => ({ document: bytes })),
    );
    const judged = cases.map((policy, i) => judge(policy, answers[i]));
    const accepted = judged.filter((result) => result === 'accepted').length;
    const worded = judged.filter((result) => result === 'same words').length;
    t.diagnostic(`${cases.length} documents, ${accepted} accepted, ${worded} texts compared`);
    assert.ok(accepted > 300 && worded > 300, `${accepted} accepted, ${worded} texts compared`);
  });

  test('the same statement is selected for a repository, or none', async () => {
    const questions = cases.flatMap((policy) =>
      REPOSITORIES.map((repository) => ({ policy, repository })),
    );
    const digest = `sha256:${'0'.repeat(64)}`;
    const answers = await askPeer(
      'policy-validate',
      questions.map(({ policy, repository }) => ({
        document: policy.bytes,
        reference: `${repository}@${digest}`,
      })),
    );
    let compared = 0;
    for (const [i, { policy, repository }] of questions.entries()) {
      const answer = answers[i];
      if (answer === undefined || answer.stage === 'decode' || answer.stage === 'validate')
        continue;
      const ours = selected(policy, repository);
      if (STRICTER.test(policy.text) && ours instanceof NotaryError) continue;
      const name = ours instanceof NotaryError ? ours.code : ours;
      assert.equal(name, answer.statement ?? 'NOTARY_POLICY_NOT_APPLICABLE', policy.text);
      compared++;
    }
    assert.ok(compared > 1000, `${compared} selections compared`);
  });
});
