import { CHECKS, isTimestampOption, resolveActions } from './levels.ts';
import type { RequiredSigner, SignatureStatement } from './statement.ts';

/**
 * The statement as it is now, whoever goes on to write into it, with all that decides how much is asked
 * for as validated statements have it. One that a program has made by hand may have anything there; what
 * is unknown must not ask for less.
 *
 * @throws TypeError
 */
export function checkedStatement(statement: SignatureStatement): SignatureStatement {
  const { signatureVerification, threshold } = statement;
  const { verifyTimestamp } = signatureVerification;
  if (!isTimestampOption(verifyTimestamp)) throw unexpected('verifyTimestamp', verifyTimestamp);
  const actions = resolveActions(signatureVerification);
  const skipped = CHECKS.find((check) => check !== 'revocation' && actions[check] === 'skip');
  if (skipped !== undefined) throw unexpected(skipped, 'skip');
  const signers = statement.signers.map(asItIs);
  const most = actions.authenticity === 'enforce' ? Math.max(signers.length, 1) : 1;
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > most) {
    throw unexpected('threshold', threshold);
  }
  return { ...statement, signers };
}

function asItIs(signer: RequiredSigner): RequiredSigner {
  const { trustStores, trustedIdentities } = signer;
  return { ...signer, trustStores: [...trustStores], trustedIdentities: [...trustedIdentities] };
}

function unexpected(field: string, got: unknown): TypeError {
  return new TypeError(`no statement has as its ${field}: ${got}`);
}
