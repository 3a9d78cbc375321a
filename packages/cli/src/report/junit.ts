import { reservationWords } from '../text/verdict.ts';
import { reasonOf, type VerdictRecord } from './record.ts';

/**
 * Verdicts as one JUnit XML report, a test case each: a no is a failure, what could not be decided or
 * read an error, what the policy says not to verify is skipped. The suite is called after the command.
 */
export function junitReport(records: readonly VerdictRecord[], command: string): string {
  const count = (outcome: string): number =>
    records.filter((record) => record.outcome === outcome).length;
  const counts = `tests="${records.length}" failures="${count('denied')}" errors="${count('unavailable') + count('unreadable')}" skipped="${count('skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(command)}" ${counts}>`,
    ...records.flatMap((record) => testCase(record, command)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

// Readers of reports group by class, and have no name for an empty one.
function testCase(record: VerdictRecord, command: string): readonly string[] {
  const { reference, statement, outcome } = record;
  const name = `name="${escapeXml(reference)}"`;
  const head = `    <testcase ${name} classname="${escapeXml(statement?.name ?? command)}"`;
  if (outcome === 'verified') {
    const reservations = reservationWords(record.signatures);
    if (reservations.length === 0) return [`${head}/>`];
    const text = `<system-out>${escapeXml(reservations.join('\n'))}</system-out>`;
    return [`${head}>`, `      ${text}`, '    </testcase>'];
  }
  if (outcome === 'skipped') return [`${head}>`, '      <skipped/>', '    </testcase>'];
  const { code, message } = reasonOf(record);
  const element = outcome === 'denied' ? 'failure' : 'error';
  return [
    `${head}>`,
    `      <${element} type="${escapeXml(code)}" message="${escapeXml(message)}"/>`,
    '    </testcase>',
  ];
}

// XML 1.0 has no control characters but tab and line ends, however they are written.
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (letter) => `&#${letter.codePointAt(0)};`);
}
