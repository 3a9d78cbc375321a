import { CliError } from './errors.ts';

/** What is known of work while it is done, to be told if Ctrl-C ends it, in whatever way it ends. */
export interface Interruption {
  /** How to go on. */
  hint?: string;
}

/** The error for work that Ctrl-C ended. */
export function interrupted({ hint }: Interruption = {}): CliError {
  return new CliError('CLI_INTERRUPTED', 'interrupted', { hint });
}

/** Whether the error is that of work that Ctrl-C ended. */
export function isInterrupted(error: unknown): error is CliError {
  return error instanceof CliError && error.code === 'CLI_INTERRUPTED';
}

/**
 * Waits for work, but not beyond an abort and so many milliseconds more, in which work that listens
 * to the signal ends in its own way.
 * @throws CliError `CLI_INTERRUPTED`
 */
export function untilAborted<T>(
  work: Promise<T>,
  { signal, graceMs = 0 }: { readonly signal: AbortSignal; readonly graceMs?: number },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => reject(interrupted()), graceMs);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    work.then(resolve, reject).finally(settled);
  });
}
