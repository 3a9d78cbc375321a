import { HttpError } from '../errors.ts';
import type { HttpRequest, HttpResponse } from './types.ts';

/** When and how long to wait before a request is sent again. */
export interface RetryPolicy {
  /** Including the first; 1 never sends again. */
  readonly maxAttempts: number;
  /** Before the second attempt; doubles with each further one. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** A host that asks (Retry-After) for a longer pause than this is not asked again. */
  readonly maxRetryAfterMs: number;
}

/** Four attempts within about two seconds, or as the host asks, up to 30 s a pause. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 4,
  baseDelayMs: 250,
  maxDelayMs: 3000,
  maxRetryAfterMs: 30_000,
};

/** How an attempt ended: with an answer or an error. */
export type AttemptResult =
  | { readonly response: HttpResponse; readonly error?: undefined }
  | { readonly error: unknown; readonly response?: undefined };

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'ETIMEDOUT']);

/** Whether sending again cannot do harm (RFC 9110 9.2.2) and the body is still at hand. */
export function isRepeatable(request: HttpRequest, idempotent: boolean): boolean {
  return (idempotent || IDEMPOTENT.has(request.method)) && isReplayable(request);
}

/** Whether the body can be sent a second time. */
export function isReplayable({ body }: HttpRequest): boolean {
  return body === undefined || body instanceof Uint8Array;
}

/**
 * The pause in milliseconds before the next attempt, or undefined to give up.
 * @param context.attempt the number of the attempt that just ended, from 1
 * @param context.random uniform in [0, 1)
 */
export function retryDelay(
  result: AttemptResult,
  context: {
    readonly policy: RetryPolicy;
    readonly attempt: number;
    readonly nowMs: number;
    readonly random: () => number;
  },
): number | undefined {
  const { policy, attempt } = context;
  if (attempt >= policy.maxAttempts) return undefined;
  if (result.response === undefined) {
    if (!isBrokenConnection(result.error)) return undefined;
    // the host closed a kept connection just as it was used again: nothing is wrong with the host
    if (attempt === 1 && result.error.data['reusedConnection'] === true) return 0;
    return backoff(context);
  }
  if (!isTransient(result.response.status)) return undefined;
  const asked = retryAfterMs(result.response, context.nowMs);
  if (asked === undefined) return backoff(context);
  return asked > policy.maxRetryAfterMs ? undefined : Math.max(asked, backoff(context));
}

/** The pause that Retry-After asks for (RFC 9110 10.2.3), in milliseconds. */
export function retryAfterMs(response: HttpResponse, nowMs: number): number | undefined {
  const text = response.headers.get('retry-after')?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function isTransient(status: number): boolean {
  // 501 and 505 are what the host cannot do, now or later
  return status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

function isBrokenConnection(error: unknown): error is HttpError {
  if (!(error instanceof HttpError) || error.code !== 'HTTP_CONNECTION_FAILED') return false;
  return BROKEN.has(String(error.data['reason']));
}

function backoff(context: {
  readonly policy: RetryPolicy;
  readonly attempt: number;
  readonly random: () => number;
}): number {
  const { baseDelayMs, maxDelayMs } = context.policy;
  const full = Math.min(baseDelayMs * 2 ** (context.attempt - 1), maxDelayMs);
  // half fixed, half random: callers that failed together do not come back together
  return Math.round(full / 2 + (full / 2) * context.random());
}
