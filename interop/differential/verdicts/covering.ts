// Rows such that every two values of two dimensions meet in one of them, found greedily.
import { sequence } from '../sequence.ts';
import {
  DIMENSIONS,
  type Dimension,
  GOOD,
  GROUPS,
  isHiding,
  isImpossible,
  type VerdictCase,
} from './dimensions.ts';

type Row = Partial<Record<Dimension, string>>;
type Value = readonly [Dimension, string];

/** Dimensions that meet only by the way: all their combinations would make the table too long. */
const APART: readonly (readonly [Dimension, Dimension])[] = [
  ['revocation', 'plugin'],
  ['revocation', 'timestamp'],
  ['revocation', 'store'],
  ['revocation', 'identity'],
  ['revocation', 'claims'],
  ['timestamp', 'store'],
  ['timestamp', 'claims'],
  ['timestamp', 'plugin'],
];

const NAMES = Object.keys(DIMENSIONS) as readonly Dimension[];

/** The cases of the table; the same on every run. */
export function verdictCases(): VerdictCase[] {
  const rows = alone();
  const open = new Set(pairsOf(valuesOf(NAMES)).map(([a, b]) => keyOf(a, b)));
  for (const row of rows) close(open, row);
  const withoutStore = NAMES.filter((name) => name !== 'store');
  for (const names of [...GROUPS, withoutStore, NAMES]) rows.push(...cover(open, names));
  return rows;
}

/** What a value needs beside it so that anybody looks at it. */
const CONTEXTS: Partial<Record<Dimension, readonly Partial<VerdictCase>[]>> = {
  timestamp: [{ tsaStore: 'right' }, { tsaStore: 'missing' }],
  tsaStore: [{ timestamp: 'openssl ts' }],
  verifyTimestamp: [
    { tsaStore: 'right', timestamp: 'when the certificate was valid', validity: 'expired' },
  ],
};

/** Each value alone among good ones. */
function alone(): VerdictCase[] {
  const found = new Map<string, VerdictCase>();
  for (const [name, value] of valuesOf(NAMES)) {
    for (const context of CONTEXTS[name] ?? [{}]) {
      const format = DIMENSIONS.format[found.size % 2];
      const row = { ...GOOD, format, ...context, [name]: value } as VerdictCase;
      if (!isImpossible(row)) found.set(JSON.stringify(row), row);
    }
  }
  return [...found.values()];
}

function cover(open: Set<string>, names: readonly Dimension[]): VerdictCase[] {
  const next = sequence(20261128);
  const wanted = pairsOf(valuesOf(names)).filter(([a, b]) => open.has(keyOf(a, b)));
  const rows: VerdictCase[] = [];
  for (const [a, b] of wanted) {
    if (!open.has(keyOf(a, b))) continue;
    const row: Row = { [a[0]]: a[1], [b[0]]: b[1] };
    for (const name of shuffled(names, next)) row[name] ??= best(open, row, name);
    const made = { ...GOOD, ...row } as VerdictCase;
    close(open, made);
    rows.push(made);
  }
  return rows;
}

/** The value that meets most values for the first time; among equals the first, which is good. */
function best(open: ReadonlySet<string>, row: Row, name: Dimension): string {
  let found = { value: GOOD[name] as string, count: -1 };
  for (const value of DIMENSIONS[name]) {
    if (isImpossible({ ...row, [name]: value } as Partial<VerdictCase>)) continue;
    const count = entries(row).filter((other) => open.has(keyOf(other, [name, value]))).length;
    if (count > found.count) found = { value, count };
  }
  return found.value;
}

function close(open: Set<string>, row: VerdictCase): void {
  const values = entries(row);
  const hiding = values.filter(isHiding);
  for (const [a, b] of pairsOf(values)) {
    if (hiding.length === 0 || hiding.includes(a) || hiding.includes(b)) open.delete(keyOf(a, b));
  }
}

function entries(row: Row): Value[] {
  return Object.entries(row) as [Dimension, string][];
}

function valuesOf(names: readonly Dimension[]): Value[] {
  return names.flatMap((name) => DIMENSIONS[name].map((value): Value => [name, value]));
}

function pairsOf(values: readonly Value[]): (readonly [Value, Value])[] {
  return values.flatMap((a, i) =>
    values
      .slice(i + 1)
      .filter((b) => isWanted(a, b))
      .map((b) => [a, b] as const),
  );
}

function isWanted(a: Value, b: Value): boolean {
  if (a[0] === b[0] || isImpossible({ [a[0]]: a[1], [b[0]]: b[1] })) return false;
  return !APART.some((pair) => pair.includes(a[0]) && pair.includes(b[0]));
}

function keyOf(a: Value, b: Value): string {
  return [a, b]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&');
}

function shuffled<T>(items: readonly T[], next: (limit: number) => number): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(next(rest.length), 1)[0] as T);
}
