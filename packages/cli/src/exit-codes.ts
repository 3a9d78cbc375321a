import { type ErrorKind, Nv2Error } from '@nv2/core/errors';
import { CommandFailure } from './failure.ts';
import type { ProgramName } from './table/types.ts';

/** What the exit codes of `nv2` mean. `notation` has 0 and 1 alone, for success and any error. */
export const EXIT_CODES = {
  success: 0,
  /** Decided no: not signed as the trust policy asks. */
  denied: 1,
  /** The command line, a file or another input has to be changed first. */
  input: 2,
  /** It could not be decided, or not be done, now. */
  undecided: 3,
  /** As a shell tells of a process that SIGHUP ended. */
  hungUp: 129,
  interrupted: 130,
  brokenPipe: 141,
} as const;

/** The exit code of `nv2` for each kind of error: the one place where that is written. */
export const EXIT_CODE_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  untrusted: EXIT_CODES.denied,
  input: EXIT_CODES.input,
  missing: EXIT_CODES.input,
  conflict: EXIT_CODES.input,
  denied: EXIT_CODES.undecided,
  unavailable: EXIT_CODES.undecided,
  internal: EXIT_CODES.undecided,
};

/** The exit code for what a command threw, by the name the program was called by. */
export function exitCodeOf(thrown: unknown, program: ProgramName): number {
  if (program === 'notation') return EXIT_CODES.denied;
  const error = thrown instanceof CommandFailure ? thrown.error : thrown;
  if (!(error instanceof Nv2Error)) return EXIT_CODES.undecided;
  const outcome = outcomeOf(error);
  if (outcome === 'denied') return EXIT_CODES.denied;
  if (outcome === 'unavailable') return EXIT_CODES.undecided;
  return EXIT_CODE_OF_KIND[error.kind];
}

// A verdict says itself which of the two it is; not loading its class keeps other commands lean.
function outcomeOf(error: Nv2Error): unknown {
  const { verdict } = error as { readonly verdict?: { readonly outcome?: unknown } };
  return verdict?.outcome;
}
