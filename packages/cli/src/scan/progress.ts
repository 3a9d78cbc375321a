import type { CliIo, OutputStream } from '../context.ts';

const WIDTH = 24;
const REDRAW_MS = 100;
/** Carriage return, and erase to the end of the line (ECMA-48 EL). */
const CLEAR = '\r\u001b[K';

/** How far one has come: what is finished, and what came of it in words. */
export interface Finished {
  readonly total: number;
  words(): string;
}

/** A bar on the last line of a terminal; text that is written meanwhile goes above it. */
export interface Progress {
  /** The streams to write to while there is a bar. */
  readonly streams: Pick<CliIo, 'stdout' | 'stderr'>;
  /** Before what was finished is told, so that the bar below it counts it. */
  readonly update: (total: number, finished: Finished) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** A bar if standard error is a terminal, else nothing. */
export function openProgress({ stdout, stderr }: Pick<CliIo, 'stdout' | 'stderr'>): Progress {
  if (!stderr.isTTY) {
    return { streams: { stdout, stderr }, update: () => undefined, end: () => undefined };
  }
  let shown = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    drawnAt = performance.now();
    // a bar of more than one line could not be taken away
    const { columns } = stderr;
    stderr.write(`${CLEAR}${columns ? shown.slice(0, columns - 1) : shown}`);
  };
  const above = (stream: OutputStream): OutputStream => ({
    isTTY: stream.isTTY,
    write: (data) => {
      if (shown !== '') stderr.write(CLEAR);
      stream.write(data);
      if (shown !== '') draw();
    },
  });
  return {
    streams: { stdout: stdout.isTTY ? above(stdout) : stdout, stderr: above(stderr) },
    update: (total, finished) => {
      shown = barOf(total, finished);
      const isDue = performance.now() - drawnAt >= REDRAW_MS;
      if (isDue || finished.total >= total) draw();
    },
    end: () => {
      if (shown !== '') stderr.write(CLEAR);
      shown = '';
    },
  };
}

function barOf(total: number, finished: Finished): string {
  const done = finished.total;
  const filled = Math.floor((WIDTH * done) / Math.max(total, 1));
  const bar = '#'.repeat(filled).padEnd(WIDTH, '-');
  return `[${bar}] ${done}/${total} ${finished.words()}`;
}
