import type { Verdict } from '@nv2/notary';

/** What was verified, as the result names it. */
export type Verified = { readonly artifact: string } | { readonly blob: string };

/** The format of {@link VerdictRecord}: see docs/output.md for what may change and what not. */
export const VERDICT_FORMAT = 'nv2/verdict/1';

/** One verdict as scripts read it: docs/schemas/verdict.schema.json. */
export type VerdictRecord = { readonly format: typeof VERDICT_FORMAT } & Verified & Verdict;

/** The record of a verdict. */
export function verdictRecord(verified: Verified, { outcome, ...rest }: Verdict): VerdictRecord {
  return { format: VERDICT_FORMAT, ...verified, outcome, ...rest };
}

/** Why a verdict is not a yes: the cause of the signature that was looked at first, or its own. */
export function reasonOf({ cause, signatures }: Verdict): {
  readonly code: string;
  readonly message: string;
} {
  const own = cause ?? { code: 'NOTARY_UNEXPECTED', message: 'no reason is known' };
  const behind = signatures.find((signature) => signature.cause !== undefined)?.cause;
  return { code: behind?.code ?? own.code, message: own.message };
}
