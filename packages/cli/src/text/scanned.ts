import { reasonOf, type VerdictRecord } from '../report/record.ts';
import { formatPlace } from '../scan/found.ts';
import { nextStep, type WhereToLook } from './next-step.ts';
import { printable } from './printable.ts';
import { failedChecks, validOf } from './verdict.ts';

const OUTCOME_WIDTH = 'unavailable'.length;

/** One result of a scan: a line where all is well, else why and where the reference stands as well. */
export function formatScanned(record: VerdictRecord, where: WhereToLook): string {
  const { outcome, places = [] } = record;
  const name = printable('artifact' in record ? record.artifact : record.blob);
  const head = `${outcome.padEnd(OUTCOME_WIDTH)} ${name === '' ? '(nothing)' : name}`;
  if (outcome === 'verified' || outcome === 'skipped') return `${head}${loggedWords(record)}`;
  const { code, message } = reasonOf(record);
  const hint = nextStep(record, where);
  return [
    head,
    `  ${printable(message)} [${code}]`,
    ...places.filter(({ line }) => line !== undefined).map((place) => `  at ${formatPlace(place)}`),
    ...(hint === undefined ? [] : [`  hint: ${printable(hint)}`]),
  ].join('\n');
}

// Checks that failed, and that the policy only logs; and what it lets pass.
function loggedWords({ signatures }: VerdictRecord): string {
  const valid = validOf(signatures);
  const words = failedChecks(valid).map(
    ({ check, action }) => `${check} failed, the policy says ${action}`,
  );
  const passedOver = valid.flatMap(({ checks }) => checks.filter(({ warnings }) => warnings));
  words.push(...passedOver.map(({ check }) => `${check} undecided, the policy lets it pass`));
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}
