/** How long one call took over many runs, in microseconds. */
export interface Timing {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** How a measurement is made. */
export interface MeasureOptions {
  /** How many samples are taken; default 25. */
  readonly runs?: number;
  /** How many calls make one sample, so that the clock's step does not count; default 100. */
  readonly callsPerRun?: number;
  /** How many calls are made first and not counted; default as many as five runs. */
  readonly warmUpCalls?: number;
}

const DEFAULT_RUNS = 25;
const DEFAULT_CALLS_PER_RUN = 100;

/**
 * Times a call: warm-up, then `runs` samples of `callsPerRun` calls each. A call that returns a
 * promise is awaited before the next.
 */
export async function measure(call: () => unknown, options: MeasureOptions = {}): Promise<Timing> {
  const runs = options.runs ?? DEFAULT_RUNS;
  const callsPerRun = options.callsPerRun ?? DEFAULT_CALLS_PER_RUN;
  await repeat(call, options.warmUpCalls ?? 5 * callsPerRun);
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = process.hrtime.bigint();
    await repeat(call, callsPerRun);
    samples.push(Number(process.hrtime.bigint() - start) / 1000 / callsPerRun);
  }
  return summarize(samples);
}

/** Minimum, median and maximum of at least one sample. */
export function summarize(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}

/** The same of what each sample is over that of the other side in the same turn. */
export function summarizeRatios(own: readonly number[], other: readonly number[]): Timing {
  return summarize(own.map((sample, turn) => sample / (other[turn] ?? Number.NaN)));
}

/** Two calls timed in alternation, sample by sample, so that a change of load hits both alike. */
export async function measurePair(
  first: () => unknown,
  second: () => unknown,
  options: MeasureOptions = {},
): Promise<{ readonly first: Timing; readonly second: Timing; readonly ratio: Timing }> {
  const runs = options.runs ?? DEFAULT_RUNS;
  const once = { ...options, runs: 1, warmUpCalls: 0 };
  const warmUpCalls = options.warmUpCalls ?? 5 * (options.callsPerRun ?? DEFAULT_CALLS_PER_RUN);
  await repeat(first, warmUpCalls);
  await repeat(second, warmUpCalls);
  const firsts: number[] = [];
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    firsts.push((await measure(first, once)).median);
    seconds.push((await measure(second, once)).median);
  }
  const ratio = summarizeRatios(firsts, seconds);
  return { first: summarize(firsts), second: summarize(seconds), ratio };
}

/** One row of a table: what was measured, the figures, the bound (if any) and whether it holds. */
export interface Row {
  readonly name: string;
  readonly timing: Timing;
  /** `µs`, `×`, `ms`, …: printed after the figures. */
  readonly unit: string;
  /** The median must not be above this. */
  readonly atMost?: number;
  /** The median must not be below this. */
  readonly atLeast?: number;
}

/** Whether the median of a row is within its bound. */
export function holds(row: Row): boolean {
  const { median } = row.timing;
  return median <= (row.atMost ?? median) && median >= (row.atLeast ?? median);
}

/** Prints rows as a table; sets the exit code to 1 if a bound does not hold. */
export function printTable(title: string, rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    row.name,
    figure(row.timing.min),
    figure(row.timing.median),
    figure(row.timing.max),
    row.unit,
    bound(row),
  ]);
  const table = [['', 'min', 'median', 'max', 'unit', 'bound'], ...cells];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  const text = table.map((line) =>
    line
      .map((cell, column) =>
        column >= 1 && column <= 3
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`${title}\n${text.join('\n')}\n\n`);
  if (!rows.every(holds)) process.exitCode = 1;
}

function bound(row: Row): string {
  const { atMost, atLeast } = row;
  if (atMost === undefined && atLeast === undefined) return '';
  const text = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return holds(row) ? text : `${text}  ${atMost === undefined ? 'MISSED' : 'EXCEEDED'}`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

async function repeat(call: () => unknown, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
}
