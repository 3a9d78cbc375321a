import { decodeBase64, encodeBase64 } from './encodings.ts';
import { CoreError } from './errors.ts';

/** One block of a PEM text: `-----BEGIN label-----`, base64, `-----END label-----`. */
export interface PemBlock {
  readonly label: string;
  /** What the base64 held. Called DER because that is what it is for every label nv2 reads. */
  readonly der: Uint8Array;
}

/** How many blocks {@link decodePem} reads where the caller names no other number. */
const DEFAULT_MAX_BLOCKS = 1000;

// RFC 7468 section 3: labelchar is any printable character but the hyphen-minus, words are divided
// by one space or hyphen.
const LABEL = '[\\x21-\\x2c\\x2e-\\x7e](?:[- ]?[\\x21-\\x2c\\x2e-\\x7e])*';
const LABEL_PATTERN = new RegExp(`^${LABEL}$`);
const BOUNDARY = new RegExp(`^-----(BEGIN|END) (${LABEL})-----[ \\t]*$`);

function fail(reason: string, line: number, cause?: unknown): never {
  throw new CoreError('PEM_INVALID', `PEM: ${reason} at line ${line}`, { cause, data: { line } });
}

/** How {@link decodePem} reads. */
export interface DecodePemOptions {
  /** Default 1000. */
  readonly maxBlocks?: number;
  /** Whether there may be anything but blanks around the blocks (RFC 7468 section 2). Default true. */
  readonly explanatoryText?: boolean;
}

/**
 * The blocks of a PEM text in order, none if it has none (RFC 7468, the lax form: text between
 * blocks, any line ending and line width). Strict where it matters: boundaries stand alone on their
 * line, labels match, the base64 is canonical, there are no RFC 1421 headers.
 * @throws CoreError `PEM_INVALID` with `data.line`; `LIMIT_EXCEEDED` beyond `maxBlocks` (1000)
 */
export function decodePem(
  text: string | Uint8Array,
  { maxBlocks = DEFAULT_MAX_BLOCKS, explanatoryText = true }: DecodePemOptions = {},
): readonly PemBlock[] {
  // Only ASCII counts; the text around blocks may be in any encoding that extends it.
  const lines = (typeof text === 'string' ? text : new TextDecoder('latin1').decode(text)).split(
    /\r\n|\n|\r/,
  );
  const blocks: PemBlock[] = [];
  /** The first line outside of them that is not blank. */
  let outside: number | undefined;
  for (let i = 0; i < lines.length; i++) {
    const boundary = readBoundary(lines[i] ?? '', i + 1);
    if (boundary === undefined) {
      if (!isBlank(lines[i])) outside ??= i + 1;
      continue;
    }
    if (boundary.kind === 'END') fail('END without BEGIN', i + 1);
    if (blocks.length >= maxBlocks) tooMany(maxBlocks);
    const end = findEnd(lines, i, boundary.label);
    blocks.push({ label: boundary.label, der: decodeBody(lines.slice(i + 1, end), i + 2) });
    i = end;
  }
  const isRefused = !explanatoryText && blocks.length > 0;
  if (isRefused && outside !== undefined) fail('text outside the blocks', outside);
  return blocks;
}

function isBlank(line = ''): boolean {
  return !/\S/.test(line);
}

function tooMany(maxBlocks: number): never {
  throw new CoreError('LIMIT_EXCEEDED', `PEM: more than ${maxBlocks} blocks`, {
    data: { maxBlocks },
  });
}

/**
 * One PEM block as RFC 7468 section 3 writes it: 64 characters a line, a line feed after each.
 * @throws CoreError `PEM_INVALID` if the label could not be read again
 */
export function encodePem(label: string, der: Uint8Array): string {
  if (!LABEL_PATTERN.test(label)) throw new CoreError('PEM_INVALID', 'PEM: not a label');
  const base64 = encodeBase64(der);
  let body = '';
  for (let at = 0; at < base64.length; at += 64) body += `${base64.slice(at, at + 64)}\n`;
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}

function readBoundary(
  line: string,
  number: number,
): { readonly kind: string; readonly label: string } | undefined {
  // The cheap test first: nearly every line of a large file is base64.
  if (!line.includes('-----')) return undefined;
  const [, kind, label] = BOUNDARY.exec(line) ?? [];
  if (kind !== undefined && label !== undefined) return { kind, label };
  if (/^(?:\ufeff|\xef\xbb\xbf)-/.test(line)) fail('byte order mark', number);
  if (/-----(?:BEGIN|END)/.test(line)) fail('malformed boundary', number);
  return undefined;
}

function findEnd(lines: readonly string[], begin: number, label: string): number {
  for (let i = begin + 1; i < lines.length; i++) {
    const boundary = readBoundary(lines[i] ?? '', i + 1);
    if (boundary === undefined) continue;
    if (boundary.kind === 'BEGIN') fail('BEGIN inside a block', i + 1);
    if (boundary.label !== label) fail('END has another label than BEGIN', i + 1);
    return i;
  }
  return fail('BEGIN without END', begin + 1);
}

function decodeBody(lines: readonly string[], first: number): Uint8Array {
  const header = lines.findIndex((line) => line.includes(':'));
  if (header >= 0) fail('RFC 1421 header (an encrypted or legacy key)', first + header);
  const base64 = lines.join('').replace(/[ \t\v\f]/g, '');
  try {
    return decodeBase64(base64);
  } catch (cause) {
    return fail('body is not base64', first, cause);
  }
}
