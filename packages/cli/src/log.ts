import type { OutputStream } from './context.ts';
import { formatRfc3339 } from './text/go-time.ts';
import { printable } from './text/printable.ts';

/** The levels of the log, least important first. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** One line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Where a command tells what it does. Callers never pass secrets. */
export type Logger = (level: LogLevel, message: string) => void;

/** A log that goes nowhere: what runs without `-d`. */
export const noLog: Logger = () => undefined;

/** The log of `-d`, and from `info` on that of `-v`: one line a message, logrus' text format without quotes, times in UTC. */
export function lineLog(
  stderr: OutputStream,
  { now, from }: { readonly now: () => Date; readonly from: 'debug' | 'info' },
): Logger {
  return (level, message) => {
    if (level === 'debug' && from === 'info') return;
    const time = formatRfc3339(now().getTime());
    stderr.write(`time=${time} level=${level} msg=${printable(message)}\n`);
  };
}
