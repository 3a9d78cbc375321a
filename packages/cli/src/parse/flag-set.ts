import { CliError, usageError } from '../errors.ts';
import type { FlagSpec, FlagType, ProgramName } from '../table/types.ts';
import { quote } from '../text/quote.ts';
import { defaultValue, type FlagValue, nextValue } from './values.ts';

/** What nv2 says of a value that is not of its type; notation has the words of Go. */
const EXPECTED: Readonly<Record<FlagType, string>> = {
  bool: 'expected true or false',
  string: 'expected a text',
  stringArray: 'expected a text',
  int: 'expected a whole number',
  duration: 'expected a duration, as in 24h, 30m or 1h30m',
};

/** What a command line said: flags, and the arguments that are not flags. */
export interface ParsedLine {
  readonly values: ReadonlyMap<string, FlagValue>;
  /** Of flags that were given, the last text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names of the flags that were given, in whatever value. */
  readonly changed: ReadonlySet<string>;
  readonly args: readonly string[];
}

interface ParseState {
  readonly flags: readonly FlagSpec[];
  readonly program: ProgramName;
  readonly values: Map<string, FlagValue>;
  readonly changed: Set<string>;
  readonly texts: Map<string, string>;
  rest: readonly string[];
}

/**
 * Reads a command line by the rules of Go's pflag: `--f=v`, `--f v`, `-fv`, `-f=v`, `-f v`, grouped
 * short bools, `--` ends the flags, flags and arguments in any order, no abbreviations.
 * @throws CliError CLI_USAGE with pflag's words, and Go's of a value under the name notation
 */
export function parseFlags(
  flags: readonly FlagSpec[],
  line: readonly string[],
  options: {
    /** Under the name nv2 `-@digest` and `-:tag` are arguments too: an artifact on standard input. */
    readonly program?: ProgramName;
  } = {},
): ParsedLine {
  const state: ParseState = {
    flags,
    program: options.program ?? 'notation',
    values: new Map(flags.map((flag) => [flag.name, defaultValue(flag)])),
    changed: new Set(),
    texts: new Map(),
    rest: line,
  };
  const args: string[] = [];
  for (let next = shift(state); next !== undefined; next = shift(state)) {
    if (next === '--') {
      args.push(...state.rest);
      break;
    }
    if (next.startsWith('--')) readLong(state, next);
    else if (state.program === 'nv2' && /^-[@:]/.test(next)) args.push(next);
    else if (next.startsWith('-') && next.length > 1) readShorts(state, next.slice(1));
    else args.push(next);
  }
  return { values: state.values, changed: state.changed, texts: state.texts, args };
}

function shift(state: ParseState): string | undefined {
  const [next, ...rest] = state.rest;
  state.rest = rest;
  return next;
}

function readLong(state: ParseState, argument: string): void {
  const body = argument.slice(2);
  if (body.startsWith('-') || body.startsWith('=')) {
    throw usageError(`bad flag syntax: ${argument}`);
  }
  const equals = body.indexOf('=');
  const name = equals < 0 ? body : body.slice(0, equals);
  const flag = state.flags.find((candidate) => candidate.name === name);
  if (flag === undefined) {
    throw new CliError('CLI_USAGE', `unknown flag: --${name}`, { data: { flag: name } });
  }
  if (equals >= 0) setFlag(state, flag, body.slice(equals + 1));
  else if (flag.type === 'bool') setFlag(state, flag, 'true');
  else setFlag(state, flag, shift(state) ?? needsArgument(`--${name}`));
}

function readShorts(state: ParseState, group: string): void {
  let shorts = group;
  while (shorts !== '') {
    const [letter = ''] = shorts;
    const flag = state.flags.find((candidate) => candidate.shorthand === letter);
    if (flag === undefined) {
      throw usageError(`unknown shorthand flag: '${letter}' in -${shorts}`);
    }
    if (shorts.length > 2 && shorts[1] === '=') {
      setFlag(state, flag, shorts.slice(2));
      return;
    }
    if (flag.type !== 'bool') {
      const attached = shorts.slice(letter.length);
      const value = attached === '' ? shift(state) : attached;
      setFlag(state, flag, value ?? needsArgument(`'${letter}' in -${shorts}`));
      return;
    }
    setFlag(state, flag, 'true');
    shorts = shorts.slice(letter.length);
  }
}

function needsArgument(where: string): never {
  throw usageError(`flag needs an argument: ${where}`);
}

function setFlag(state: ParseState, flag: FlagSpec, text: string): void {
  const before = state.changed.has(flag.name) ? state.values.get(flag.name) : undefined;
  try {
    state.values.set(flag.name, nextValue(flag, text, before ?? defaultValue(flag)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const shorthand = flag.shorthand === undefined ? '' : `-${flag.shorthand}, `;
    const shown = quote(`${shorthand}--${flag.name}`);
    const reason = state.program === 'nv2' ? EXPECTED[flag.type] : error.message;
    throw usageError(`invalid argument ${quote(text)} for ${shown} flag: ${reason}`);
  }
  state.changed.add(flag.name);
  state.texts.set(flag.name, text);
}
