import { counted } from '@nv2/core';
import { CliError } from '../errors.ts';
import type { Outcome } from '../report/record.ts';

const OUTCOMES: readonly Outcome[] = ['verified', 'skipped', 'denied', 'unavailable', 'unreadable'];

/** Counts what came of references. */
export class Tally {
  readonly #counts: Map<Outcome, number> = new Map();
  /** What was taken over from an earlier run. */
  resumed = 0;

  add(outcome: Outcome): void {
    this.#counts.set(outcome, this.of(outcome) + 1);
  }

  of(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  get total(): number {
    return OUTCOMES.reduce((sum, outcome) => sum + this.of(outcome), 0);
  }

  /** The outcomes that there were, as in `3 verified, 1 denied`. */
  words(): string {
    const counted = OUTCOMES.filter((outcome) => this.of(outcome) > 0);
    return counted.map((outcome) => `${this.of(outcome)} ${outcome}`).join(', ');
  }

  /** Why the scan as a whole is no success: a no before a don't-know before bad input. */
  failure(): CliError | undefined {
    const { total } = this;
    const denied = this.of('denied');
    const undecided = this.of('unavailable');
    const bad = this.of('unreadable');
    if (denied > 0) {
      return new CliError('CLI_SCAN_DENIED', `${denied} of ${counted(total, 'reference')} denied`);
    }
    if (undecided > 0) {
      return new CliError(
        'CLI_SCAN_UNDECIDED',
        `${undecided} of ${counted(total, 'reference')} could not be decided`,
        { hint: 'try again; with --resume FILE what is decided is not verified again' },
      );
    }
    if (bad === 0) return undefined;
    return new CliError(
      'CLI_SCAN_UNREADABLE',
      `${bad} of ${counted(total, 'reference')} could not be read`,
      {
        hint:
          bad === total
            ? 'correct them where they stand, or give the file with the flag for its kind: --file, --kubernetes or --compose'
            : 'correct them where they stand',
      },
    );
  }
}
