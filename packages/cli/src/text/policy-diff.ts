import {
  type ComparedStatements,
  type StatementChange,
  statementWords,
} from '../policy-diff/compare-statements.ts';
import type { VerdictSummary } from '../policy-diff/compare-verdicts.ts';
import type { ComparedReference } from '../policy-diff/judge-both.ts';
import { formatPlace } from '../scan/found.ts';
import { printable } from './printable.ts';

/** How the statements about a scope or a reference differ, in a line. */
export function formatStatements({ about, ...change }: ComparedStatements): string {
  return printable(`${about}: ${statementWords(change)}, which ${demandWords(change)}`);
}

function demandWords({ change }: StatementChange): string {
  return change === 'demands' ? 'demands something else' : 'demands the same';
}

/** How the verdicts on a reference differ, and why; of one that could not be compared, why not. */
export function formatVerdicts(compared: ComparedReference): string {
  const { artifact, places, statements, verdicts } = compared;
  if (verdicts === undefined) return printable(artifact);
  const { before, after, differences, change } = verdicts;
  const head = change === 'undecided' ? 'not compared' : `${before.outcome} -> ${after.outcome}`;
  const lines = [
    `${head}  ${printable(artifact)}`,
    `  ${printable(statementWords(statements))}`,
    ...reasonsOf(before, after).map((reason) => `  ${printable(reason)}`),
    ...differences.map(
      ({ signature, check = 'as a whole', cause, ...results }) =>
        `  signature ${signature}, ${check}: ${results.before} -> ${results.after}${cause === undefined ? '' : `: ${printable(cause.message)} [${cause.code}]`}`,
    ),
    ...places.filter(({ line }) => line !== undefined).map((place) => `  at ${formatPlace(place)}`),
  ];
  return lines.join('\n');
}

function reasonsOf(before: VerdictSummary, after: VerdictSummary): readonly string[] {
  const reasons = [
    ['old', before],
    ['new', after],
  ] as const;
  return reasons.flatMap(([which, { cause }]) =>
    cause === undefined ? [] : [`${which}: ${cause.message} [${cause.code}]`],
  );
}
