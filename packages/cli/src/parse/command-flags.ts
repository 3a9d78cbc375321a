import { usageError } from '../errors.ts';
import type { ProgramName } from '../table/types.ts';
import type { ParsedLine } from './flag-set.ts';

/** The flags of one command line, read by name and type; a name outside the table is a defect. */
export class CommandFlags {
  readonly #line: ParsedLine;

  constructor(line: ParsedLine) {
    this.#line = line;
  }

  /** Whether the flag was given, in whatever value. */
  isSet(name: string): boolean {
    return this.#line.changed.has(name);
  }

  isOn(name: string): boolean {
    return this.#line.values.get(name) === true;
  }

  string(name: string): string {
    const value = this.#line.values.get(name);
    if (typeof value !== 'string') throw notOfType(name, 'string');
    return value;
  }

  /**
   * The value of a flag that need not be given. Given as empty, which is what a variable that is not
   * set makes of it, it does not mean the default.
   *
   * @throws CliError `CLI_USAGE`
   */
  optional(name: string): string | undefined {
    if (!this.isSet(name)) return undefined;
    const value = this.string(name);
    if (value === '') throw usageError(`the flag --${name} is empty`);
    return value;
  }

  /** As {@link optional}; notation takes an empty value of this flag for none. */
  optionalOf(program: ProgramName, name: string): string | undefined {
    return program === 'nv2' ? this.optional(name) : this.string(name) || undefined;
  }

  strings(name: string): readonly string[] {
    const value = this.#line.values.get(name);
    if (!Array.isArray(value)) throw notOfType(name, 'string array');
    return value;
  }

  integer(name: string): number {
    const value = this.#line.values.get(name);
    if (typeof value !== 'number') throw notOfType(name, 'integer');
    return value;
  }

  /** As it was written last; empty where it was not given. */
  text(name: string): string {
    return this.#line.texts.get(name) ?? '';
  }

  /** In nanoseconds. */
  duration(name: string): bigint {
    const value = this.#line.values.get(name);
    if (typeof value !== 'bigint') throw notOfType(name, 'duration');
    return value;
  }
}

function notOfType(name: string, type: string): TypeError {
  return new TypeError(`the command has no ${type} flag --${name}`);
}
