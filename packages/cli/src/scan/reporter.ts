import { commandName } from '../command-name.ts';
import type { CommandContext } from '../context.ts';
import { formatVerdict, formatVerdicts, isReportFormat } from '../report/formats.ts';
import type { VerdictRecord } from '../report/record.ts';
import { formatScanned } from '../text/scanned.ts';
import { whereToLook } from '../where-to-look.ts';

/** Where the verdicts of a scan go. */
export interface Reporter {
  readonly add: (record: VerdictRecord) => Promise<void>;
  /** Ends the report; without it nothing of a document of several verdicts is printed. */
  readonly end: () => Promise<void>;
}

/** Prints text and NDJSON as verdicts come, and a document of all of them at the end. */
export function openReporter(
  context: CommandContext,
  { policyPath }: { readonly policyPath: string | undefined },
): Reporter {
  const { flags, printer } = context;
  const format = flags.string('output');
  const command = commandName(context);
  if (!isReportFormat(format)) {
    return {
      add: async (record) =>
        printer.line(formatScanned(record, whereToLook(context, { verified: record, policyPath }))),
      end: async () => undefined,
    };
  }
  if (format === 'ndjson') {
    return {
      add: async (record) => printer.raw(await formatVerdict(format, record, command)),
      end: async () => undefined,
    };
  }
  const records: VerdictRecord[] = [];
  return {
    add: async (record) => void records.push(record),
    end: async () => printer.raw(await formatVerdicts(format, records, command)),
  };
}
