import { OciError } from '../errors.ts';

/** One way in which a server offers to authenticate. Scheme and names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_LENGTH = 8192;
const MAX_PARAMETERS = 32;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[0-9A-Za-z._~+/-]+=*[ \t]*(?=,|$)/y;
const QUOTED = /"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"/y;
const SEPARATORS = /[ \t,]*/y;
const SPACES = /[ \t]*/y;

/**
 * Reads the value of a WWW-Authenticate header.
 * @throws OciError `OCI_AUTH_CHALLENGE_INVALID` on anything that the grammar does not allow, and on
 *   a parameter that occurs twice
 * @see RFC 9110 11.2 and 11.6.1
 */
export function parseChallenges(header: string): readonly Challenge[] {
  if (header.length > MAX_LENGTH) throw invalid(`longer than ${MAX_LENGTH} characters`);
  const cursor = new Cursor(header);
  const challenges: Challenge[] = [];
  cursor.take(SEPARATORS);
  while (!cursor.atEnd) {
    challenges.push(readChallenge(cursor));
    cursor.take(SEPARATORS);
  }
  return challenges;
}

function readChallenge(cursor: Cursor): Challenge {
  const scheme = cursor.expect(TOKEN, 'a scheme').toLowerCase();
  const parameters = new Map<string, string>();
  if (!cursor.atEnd && cursor.take(SPACES) === '' && !cursor.isAt(',')) {
    throw invalid(`unexpected character after ${scheme}`);
  }
  if (readToken68(cursor)) return { scheme, parameters };
  for (;;) {
    const parameter = readParameter(cursor);
    if (parameter === undefined) return { scheme, parameters };
    const [name, value] = parameter;
    if (parameters.has(name)) throw invalid(`${name} occurs twice`);
    if (parameters.size === MAX_PARAMETERS) throw invalid('too many parameters');
    parameters.set(name, value);
  }
}

function readToken68(cursor: Cursor): boolean {
  const start = cursor.position;
  const found = cursor.take(TOKEN68) !== undefined;
  // a lone word before a comma is the next scheme, not a token of this one
  if (found && cursor.text.slice(start, cursor.position).trim() !== '') return true;
  cursor.position = start;
  return false;
}

/** The next `name=value`, or undefined, without moving, where none follows. */
function readParameter(cursor: Cursor): readonly [string, string] | undefined {
  const start = cursor.position;
  cursor.take(SEPARATORS);
  const name = cursor.take(TOKEN);
  cursor.take(SPACES);
  if (name === undefined || !cursor.isAt('=')) {
    cursor.position = start;
    return undefined;
  }
  cursor.position++;
  cursor.take(SPACES);
  const value = cursor.isAt('"')
    ? unquote(cursor.expect(QUOTED, 'a quoted string'))
    : cursor.expect(TOKEN, 'a value');
  cursor.take(SPACES);
  if (!cursor.atEnd && !cursor.isAt(',')) throw invalid(`unexpected character after ${name}`);
  return [name.toLowerCase(), value];
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

class Cursor {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  isAt(character: string): boolean {
    return this.text[this.position] === character;
  }

  /** What the sticky pattern matches here, or undefined. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text)?.[0];
    if (match !== undefined) this.position += match.length;
    return match;
  }

  expect(pattern: RegExp, what: string): string {
    const match = this.take(pattern);
    if (match === undefined) throw invalid(`expected ${what} at character ${this.position}`);
    return match;
  }
}

function invalid(problem: string): OciError {
  return new OciError(
    'OCI_AUTH_CHALLENGE_INVALID',
    `malformed WWW-Authenticate header: ${problem}`,
    {
      hint: 'the host is not a registry, or a proxy before it answers in its place',
    },
  );
}
