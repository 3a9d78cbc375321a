import type { Cause, CheckOutcome, SignatureVerdict, StatementSummary, Verdict } from '@nv2/notary';
import { printable } from './printable.ts';

/** For whom each signature counts or why it was not accepted, a line for each and one for each check that failed. */
export function explainSignatures({
  signatures,
  statement,
}: Pick<Verdict, 'signatures' | 'statement'>): string {
  return signatures.flatMap((one) => explainSignature(one, statement)).join('\n');
}

function explainSignature(
  signature: SignatureVerdict,
  statement: StatementSummary | undefined,
): readonly string[] {
  const { digest, outcome, cause, countsFor = [] } = signature;
  const who = signerWords(signature, statement);
  const by = who === undefined ? '' : ` ${who}`;
  const whom = countsFor.map((name) => `"${printable(name)}"`).join(' or ');
  const counts = whom === '' ? '' : `, counts for ${whom}`;
  const failed = failedChecks([signature]);
  const lines = failed.map(
    ({ check, result, cause: reason }) =>
      `    ${check}: ${result}: ${printable(reason.message)} [${reason.code}]`,
  );
  lines.push(...passedOverWords([signature]).map((words) => `    ${words}`));
  // what no check covers, such as a signature about another artifact
  const isCovered = failed.some((check) => check.cause.code === cause?.code);
  if (cause !== undefined && !isCovered) {
    lines.push(`    ${printable(cause.message)} [${cause.code}]`);
  }
  return [`  signature ${digest}${by}: ${outcome}${counts}`, ...lines];
}

/**
 * Who signed, as in `by CN=…`; undefined where that is not known. Of a signer that is known by key alone
 * it is the key: whoever can list a signature can put another certificate around it, with any name.
 */
export function signerWords(
  { signer, countsFor = [] }: SignatureVerdict,
  { signers = [] }: Pick<StatementSummary, 'signers'> = {},
): string | undefined {
  if (signer === undefined) return undefined;
  const counting = signers.filter(({ name }) => countsFor.includes(name));
  const isByKey = counting.length > 0 && counting.every((one) => one.trustStores.length === 0);
  return isByKey ? `with the key sha256:${signer.publicKey}` : `by ${printable(signer.subject)}`;
}

/** What checks could not find out, and the trust policy lets pass all the same. */
export function passedOverWords(signatures: readonly SignatureVerdict[]): readonly string[] {
  return signatures.flatMap(({ checks }) =>
    checks.flatMap(({ check, warnings = [] }) =>
      warnings.map(
        ({ message, code }) =>
          `${check}: passed over, as the trust policy says: ${printable(message)} [${code}]`,
      ),
    ),
  );
}

/** What a yes is qualified by: checks that failed and the policy only logs, and what it lets pass. */
export function reservationWords(signatures: readonly SignatureVerdict[]): readonly string[] {
  const valid = validOf(signatures);
  const logged = failedChecks(valid).map(
    ({ check, action, cause }) =>
      `${check} failed, the policy says ${action}: ${printable(cause.message)} [${cause.code}]`,
  );
  return [...logged, ...passedOverWords(valid)];
}

/** The signatures that count. */
export function validOf(signatures: readonly SignatureVerdict[]): readonly SignatureVerdict[] {
  return signatures.filter(({ outcome }) => outcome === 'valid');
}

/** The checks that have a cause; of a valid signature they failed, and the policy only logs them. */
export function failedChecks(
  signatures: readonly SignatureVerdict[],
): readonly (CheckOutcome & { readonly cause: Cause })[] {
  return signatures.flatMap(({ checks }) =>
    checks.flatMap((made) => (made.cause === undefined ? [] : [{ ...made, cause: made.cause }])),
  );
}

/** Which statement decided, and in which file; empty where none did. */
export function explainStatement({ statement }: Verdict, policyPath: string | undefined): string {
  if (statement === undefined) return '';
  const where = policyPath === undefined ? '' : ` of ${printable(policyPath)}`;
  return `  trust policy statement "${printable(statement.name)}" (${statement.level})${where}`;
}
