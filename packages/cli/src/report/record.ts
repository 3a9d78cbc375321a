import type { Verdict } from '@nv2/notary';
import type { Place } from '../scan/found.ts';

/** What was verified, as the result names it. */
export type Verified = { readonly artifact: string } | { readonly blob: string };

/** The format of {@link VerdictRecord}: see docs/output.md for what may change and what not. */
export const VERDICT_FORMAT = 'nv2/verdict/1';

/** What came of one reference: also, of those that `scan` reads, that it is none. */
export type Outcome = Verdict['outcome'] | 'unreadable';

/** One verdict as scripts read it: docs/schemas/verdict.schema.json. */
export type VerdictRecord = { readonly format: typeof VERDICT_FORMAT } & Verified &
  Omit<Verdict, 'outcome'> & {
    readonly outcome: Outcome;
    /** Of `scan`: where the reference stands. */
    readonly places?: readonly Place[];
  };

/** The record of a verdict. */
export function verdictRecord(verified: Verified, { outcome, ...rest }: Verdict): VerdictRecord {
  return { format: VERDICT_FORMAT, ...verified, outcome, ...rest };
}

/** Why a verdict is not a yes: the cause of the signature that was looked at first, or its own. */
export function reasonOf({ cause, signatures }: Pick<Verdict, 'cause' | 'signatures'>): {
  readonly code: string;
  readonly message: string;
} {
  const own = cause ?? { code: 'NOTARY_UNEXPECTED', message: 'no reason is known' };
  const behind = signatures.find((signature) => signature.cause !== undefined)?.cause;
  return { code: behind?.code ?? own.code, message: own.message };
}
