import type { CallOptions } from '@nv2/oci';

/** The call options without anything else. */
export function callOptions(options: CallOptions): CallOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}

/** An abort of one's own that the caller's signal sets off too. */
export interface OwnAbort {
  readonly signal: AbortSignal;
  readonly abort: (reason?: Error) => void;
  /** To be called when there is nothing to abort any more. */
  readonly unlink: () => void;
}

/**
 * Not `AbortSignal.any`: the caller's signal keeps what that makes until the old generation is collected,
 * and a scan makes one for every artifact.
 */
export function ownAbort({ signal }: CallOptions): OwnAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => signal?.removeEventListener('abort', onAbort),
  };
}
