import { formatJson, formatJsonLine } from '../text/go-json.ts';
import type { VerdictRecord } from './record.ts';

/** The forms in which verdicts are reported, besides text for people. */
export const REPORT_FORMATS = ['json', 'ndjson', 'sarif', 'junit'] as const;

/** A member of {@link REPORT_FORMATS}. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Whether a value of `--output` is a form for programs. */
export function isReportFormat(format: string): format is ReportFormat {
  return (REPORT_FORMATS as readonly string[]).includes(format);
}

/**
 * One verdict as a document of its own.
 * @param command the command that came to it, as in `nv2 verify`
 */
export async function formatVerdict(
  format: ReportFormat,
  record: VerdictRecord,
  command: string,
): Promise<string> {
  switch (format) {
    case 'json':
      return formatJson(record);
    case 'ndjson':
      return formatJsonLine(record);
    default:
      return formatVerdicts(format, [record], command);
  }
}

/** Verdicts in a form that needs all of them at once; `command` as of {@link formatVerdict}. */
export async function formatVerdicts(
  format: Exclude<ReportFormat, 'ndjson'>,
  records: readonly VerdictRecord[],
  command: string,
): Promise<string> {
  switch (format) {
    case 'json':
      return formatJson(records);
    case 'sarif': {
      const { sarifLog } = await import('./sarif.ts');
      return formatJson(sarifLog(records));
    }
    case 'junit': {
      const { junitReport } = await import('./junit.ts');
      return junitReport(records, command);
    }
  }
}
