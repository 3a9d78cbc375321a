/** The name that the program was started under; it decides texts, gates and defaults. */
export type ProgramName = 'nv2' | 'notation';

/** The kinds of value a flag takes, with the names that help shows for them. */
export type FlagType = 'bool' | 'string' | 'stringArray' | 'int' | 'duration';

/** One flag of a command. */
export interface FlagSpec {
  readonly name: string;
  readonly shorthand?: string;
  readonly type: FlagType;
  /** Default of a string or int flag; every other kind starts false, empty or zero. */
  readonly default?: string | number;
  readonly usage: string;
  /** Accepted but in no help text. */
  readonly hidden?: boolean;
  /** Under the name notation: an error unless NOTATION_EXPERIMENTAL is 1. */
  readonly experimental?: boolean;
  /** Only under this name. */
  readonly only?: ProgramName;
  /** Values for completion. */
  readonly values?: readonly string[];
  /** Values that older versions had: accepted, and shown nowhere. */
  readonly older?: readonly string[];
  /** The words for any other value of --output, where they are not the usual ones. */
  readonly otherwise?: string;
}

/** Facts on which the check of the positional arguments depends. */
export interface ArgsFacts {
  readonly program: ProgramName;
  /** Whether a bool flag is on. */
  readonly isOn: (flag: string) => boolean;
}

/** Checks positional arguments; the text of the error, or undefined when they are right. */
export type ArgsCheck = (args: readonly string[], facts: ArgsFacts) => string | undefined;

/** One command, or a parent of commands (then without `load`). */
export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Name, flags and arguments as the usage line shows them. */
  readonly use: string;
  readonly short: string;
  /** Full description; `short` where absent. `notation` stands for the program's name. */
  readonly long?: string;
  readonly examples?: readonly Example[];
  readonly flags?: readonly FlagSpec[];
  /** Flags without which the command does not run. */
  readonly required?: readonly RequiredFlag[];
  /** Groups of flags that are all set or none. */
  readonly together?: readonly (readonly string[])[];
  /** Of flags in such a group: with which others each may be left out. */
  readonly dispensable?: Readonly<Record<string, readonly string[]>>;
  /** Groups of flags of which one at least is set. */
  readonly oneRequired?: readonly (readonly string[])[];
  /** Groups of flags of which one at most is set. */
  readonly exclusive?: readonly (readonly string[])[];
  readonly args?: ArgsCheck;
  readonly children?: readonly CommandSpec[];
  readonly only?: ProgramName;
  readonly hidden?: boolean;
  readonly load?: () => Promise<CommandModule>;
}

/** A flag that must be set, under both names or one. */
export interface RequiredFlag {
  readonly flag: string;
  readonly only?: ProgramName;
}

/** One example of a command's help. */
export interface Example {
  readonly title: string;
  readonly command: string;
  readonly experimental?: boolean;
  readonly only?: ProgramName;
}

/** What a command's file exports. */
export interface CommandModule {
  readonly run: (context: import('../context.ts').CommandContext) => Promise<void>;
}
