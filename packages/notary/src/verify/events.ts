import type { Descriptor } from '@nv2/oci';
import type { CheckOutcome, SignatureVerdict, StatementSummary } from './verdict.ts';

/** What happens during a verification. */
export type VerifyEvent =
  | { readonly event: 'resolved'; readonly reference: string; readonly subject: Descriptor }
  | { readonly event: 'statement'; readonly statement: StatementSummary }
  | { readonly event: 'signature'; readonly descriptor: Descriptor }
  | { readonly event: 'timestamp'; readonly use: TimestampUse }
  | { readonly event: 'check'; readonly digest: string; readonly outcome: CheckOutcome }
  | { readonly event: 'judged'; readonly signature: SignatureVerdict };

/**
 * Whether the timestamp of a signature decides: `wanted`, or why not. The statement names no `tsa`
 * store, or asks for timestamps after expiry alone and no signing certificate has expired.
 */
export type TimestampUse = 'wanted' | 'no-store' | 'chain-unexpired';
