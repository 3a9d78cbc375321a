import type { FileHandle } from 'node:fs/promises';
import { CliError } from '../errors.ts';
import { VERDICT_FORMAT } from '../report/record.ts';
import { formatJsonLine } from '../text/go-json.ts';
import { JournalIndex } from './journal-index.ts';
import { readLines } from './lines.ts';
import type { TextHash } from './text-hash.ts';

/** The format of the first line of a journal. */
const JOURNAL_FORMAT = 'nv2/scan-journal/1';
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** Outcomes that another look could not change by itself. */
const DECIDED: readonly unknown[] = ['verified', 'skipped', 'denied'];

/** What a journal holds. */
export interface JournalContents {
  /** Absent of an empty file. */
  readonly header?: { readonly policy: string };
  /** Where in the file the record of each reference is that was decided. */
  readonly finished: JournalIndex;
  /** Where the last whole line ends. */
  readonly end: number;
}

/**
 * Reads a journal to its last whole line. One of which not even the first line is whole holds nothing.
 * @throws CliError `CLI_JOURNAL_INVALID`
 */
export async function readJournal(
  file: FileHandle,
  path: string,
  hash: TextHash,
): Promise<JournalContents> {
  const finished = new JournalIndex(hash);
  let header: { readonly policy: string } | undefined;
  let end = 0;
  const chunks = file.createReadStream({ start: 0, autoClose: false, emitClose: false });
  for await (const line of readLines(chunks, { maxLineBytes: MAX_RECORD_BYTES })) {
    const { bytes, taken, isEnded } = line;
    if (bytes === undefined) throw invalid(path);
    const at = end;
    // the last line has no end if its writer was cut off
    if (!isEnded) {
      if (header === undefined && !beginsHeader(bytes)) throw invalid(path);
      break;
    }
    end += taken;
    const value = parsed(bytes);
    header = oneHeader(header, headerOf(value)) ?? refuse(path);
    const reference = referenceOf(value);
    if (reference !== undefined) finished.add(reference, { at, length: bytes.length });
  }
  return { finished, end, ...(header !== undefined && { header }) };
}

/** The first line of a journal. */
export function headerLine(policy: string): string {
  return formatJsonLine({ format: JOURNAL_FORMAT, policy });
}

// What a writer that was cut off may have left of the first line: no file of anyone else's.
function beginsHeader(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('utf8');
  const [start = ''] = headerLine('').split('"}\n');
  return text.length <= start.length
    ? start.startsWith(text)
    : text.startsWith(start) && /^[a-z0-9:]{0,80}(?:"}?)?$/.test(text.slice(start.length));
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return {};
  }
}

function headerOf(value: Readonly<Record<string, unknown>>): { policy: string } | undefined {
  const { format, policy } = value;
  return format === JOURNAL_FORMAT && typeof policy === 'string' ? { policy } : undefined;
}

/**
 * Whether a record is of a verdict that another look could not change by itself. One with a warning
 * could: it let something pass for now that may be known later.
 */
export function isDecided({ outcome, signatures }: Readonly<Record<string, unknown>>): boolean {
  return DECIDED.includes(outcome) && !membersOf(signatures).some(hasWarning);
}

function hasWarning({ checks }: Readonly<Record<string, unknown>>): boolean {
  return membersOf(checks).some(({ warnings }) => warnings !== undefined);
}

function membersOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map((member) => Object(member)) : [];
}

function referenceOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const { format, reference, artifact, judgedAt, signatures } = value;
  if (format !== VERDICT_FORMAT || !isDecided(value)) return undefined;
  // part of a record is no verdict
  const isWhole = typeof artifact === 'string' && typeof judgedAt === 'string';
  if (!isWhole || !Array.isArray(signatures)) return undefined;
  return typeof reference === 'string' ? reference : undefined;
}

// Of journals that were put together, one would vouch for what was decided by another policy.
function oneHeader(
  known: JournalContents['header'],
  found: JournalContents['header'],
): JournalContents['header'] {
  if (known === undefined) return found;
  return found === undefined || found.policy === known.policy ? known : undefined;
}

function refuse(path: string): never {
  throw invalid(path);
}

function invalid(path: string): CliError {
  return new CliError('CLI_JOURNAL_INVALID', `${path} is not the journal of a scan`, {
    data: { path },
    hint: 'name another file',
  });
}
