// What a difference between the two programs is.

/** A text of the real command with ours in its place, or lines that only ours prints. */
export interface Difference {
  readonly what: string;
  readonly why: string;
  readonly theirs?: string | RegExp;
  /** In place of `theirs`; nothing, if not given: a line that becomes empty is left out. */
  readonly ours?: string;
  /** Whole lines. */
  readonly adds?: RegExp;
  /** The command lines that it is seen on; any, if not given. */
  readonly on?: RegExp;
}

/** Why: docs/notation.md, "Different on purpose". */
export const WORDS = 'docs/notation.md: texts of the Go runtime are said in plain words';

/** Why: docs/notation.md, "Stricter". */
export const STRICT = 'docs/notation.md: stricter, because a wrong yes is worse';
