import type { CommandContext } from '../context.ts';
import { isReportFormat, type ReportFormat } from '../report/formats.ts';
import { formatJsonLine } from '../text/go-json.ts';

/** Where what came of many references goes. */
export interface Reporter<One> {
  readonly add: (one: One) => Promise<void>;
  /** Ends the report; without it nothing of a document of several results is printed. */
  readonly end: () => Promise<void>;
}

/** How results are told. */
export interface ReportWords<One, Result extends object> {
  /** To people; undefined where there is nothing to say. */
  readonly text: (one: One) => string | undefined;
  /** To programs. */
  readonly record: (one: One) => Result;
  /** All of them, to programs. */
  readonly document: (
    format: Exclude<ReportFormat, 'ndjson'>,
    records: readonly Result[],
  ) => Promise<string>;
}

/** Prints text and NDJSON as results come, and a document of all of them at the end. */
export function openReporter<One, Result extends object>(
  { flags, printer }: Pick<CommandContext, 'flags' | 'printer'>,
  { text, record, document }: ReportWords<One, Result>,
): Reporter<One> {
  const format = flags.string('output');
  if (!isReportFormat(format)) {
    return {
      add: async (one) => {
        const words = text(one);
        if (words !== undefined) printer.line(words);
      },
      end: async () => undefined,
    };
  }
  if (format === 'ndjson') {
    return {
      add: async (one) => printer.raw(formatJsonLine(record(one))),
      end: async () => undefined,
    };
  }
  const records: Result[] = [];
  return {
    add: async (one) => void records.push(record(one)),
    end: async () => printer.raw(await document(format, records)),
  };
}
