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

/** The log of `-d`: one line a message, logrus' text format without quotes, times in UTC. */
export function debugLog(stderr: OutputStream, now: () => Date): Logger {
  return (level, message) => {
    const time = formatRfc3339(now().getTime());
    stderr.write(`time=${time} level=${level} msg=${printable(message)}\n`);
  };
}
