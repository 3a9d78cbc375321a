import { counted } from '@nv2/core';
import { CliError } from '../errors.ts';
import type { VerdictChange } from './compare-verdicts.ts';

/** Counts what two policies make of references. */
export class ChangeTally {
  readonly #counts: Record<VerdictChange['change'] | 'unreadable', number> = {
    verdict: 0,
    none: 0,
    undecided: 0,
    unreadable: 0,
  };

  add(change: VerdictChange['change'] | 'unreadable'): void {
    this.#counts[change] += 1;
  }

  get total(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
  }

  /** As in `1 changed, 2 the same`. */
  words(): string {
    const { verdict, none, undecided, unreadable } = this.#counts;
    const parts = [
      `${verdict} changed`,
      `${none} the same`,
      ...(undecided > 0 ? [`${undecided} not compared`] : []),
      ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
    ];
    return parts.join(', ');
  }

  /** Why the comparison is no success: a change before a don't-know before bad input. */
  failure(): CliError | undefined {
    const { total } = this;
    const { verdict: changed, undecided, unreadable } = this.#counts;
    if (changed > 0) {
      return new CliError(
        'CLI_POLICY_CHANGED',
        `the verdict of ${changed} of ${counted(total, 'reference')} changes`,
        { data: { changed, references: total } },
      );
    }
    if (undecided > 0) {
      return new CliError(
        'CLI_POLICY_UNCOMPARED',
        `${undecided} of ${counted(total, 'reference')} could be verified by neither policy`,
        {
          data: { undecided, references: total },
          hint: 'try again, or correct what is in the way',
        },
      );
    }
    return unreadable > 0 ? unreadableReferences(unreadable, total) : undefined;
  }
}

/** The error for so many of so many references that are none. */
export function unreadableReferences(count: number, total: number): CliError {
  return new CliError(
    'CLI_SCAN_INPUT_INVALID',
    `${count} of ${counted(total, 'reference')} could not be read`,
    {
      hint: 'correct them where they stand',
    },
  );
}
