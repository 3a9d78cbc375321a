// What a run of the table shows, in lines.
import type { Compared, Difference } from './differences.ts';
import { DIMENSIONS, type VerdictCase } from './dimensions.ts';

interface Table {
  readonly cases: readonly VerdictCase[];
  readonly found: readonly Compared[];
  readonly explained: readonly (readonly Difference[] | undefined)[];
}

/** How many cases, of what, with which verdicts, and how many of them differ. */
export function summaryOf({ cases, found, explained }: Table): string {
  const verdicts = tally(found.map(({ nv2 }) => nv2.verdict));
  const checks = tally(found.flatMap(({ nv2 }) => nv2.failed.map(checkOf)));
  const different = explained.filter((differences) => differences?.length !== 0);
  const refused = found.filter(({ nv2, reference }) => isNo(nv2) && !isNo(reference));
  const accepted = found.filter(({ nv2, reference }) => !isNo(nv2) && isNo(reference));
  const differences = tally(
    explained.flatMap((entries) => (entries ?? []).map(({ documented }) => documented)),
  );
  const sizes = Object.entries(DIMENSIONS).map(([name, values]) => `${name} ${values.length}`);
  return [
    `verdicts: ${cases.length} cases (values: ${sizes.join(', ')})`,
    `verdicts: by nv2 ${listed(verdicts)}; failed checks: ${listed(checks)}`,
    `verdicts: ${cases.length - different.length} the same verdict and the same failed checks for the same reasons; ${different.length} listed differences (${refused.length} refused by nv2 alone, ${accepted.length} accepted by nv2 alone)`,
    ...[...differences].map(([documented, count]) => `verdicts:   ${count} ${documented}`),
    '',
  ].join('\n');
}

function isNo({ verdict }: Compared['nv2']): boolean {
  return verdict === 'refused';
}

function checkOf(failed: string): string {
  return failed.slice(0, failed.indexOf(':'));
}

function tally(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([value, count]) => `${value} ${count}`).join(', ');
}
