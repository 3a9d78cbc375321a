import { Nv2Error } from '@nv2/core/errors';

/** What a command adds to an error of a library, for the words it is reported in. */
export interface FailureFacts {
  /** Words before the error's own, a colon between them. */
  readonly prefix?: string;
  /** The artifact's reference as it was given, where it is what cannot be read. */
  readonly reference?: string;
  /** The artifact with its digest, as the command prints it. */
  readonly artifact?: string;
  /** The artifact as the trust policy was asked for it. */
  readonly policyReference?: string;
  /** Whether a blob was verified, rather than an artifact in a registry or layout. */
  readonly isBlob?: boolean;
  /** Whether the trust policy was being loaded to verify by it, rather than to be shown. */
  readonly loadsPolicy?: boolean;
  /** The path of the file that is read, as the user wrote it. */
  readonly given?: string;
  /** What the work was about, where the error does not say. */
  readonly path?: string;
  /** Whether something was being deleted; otherwise it was being opened. */
  readonly deletes?: boolean;
  /** What was being done with plugins, where that is what the command is for. */
  readonly plugin?: 'install' | 'list' | 'uninstall';
  /** The plugin that signs, and what. */
  readonly signsWith?: { readonly plugin: string; readonly purpose: 'artifact' | 'blob' };
  /** Lines that explain more, shown under the name nv2. */
  readonly details?: string;
  /** What is to be said besides, after all else, under the name nv2. */
  readonly warning?: string;
  /** The next step, where the error itself has none or cannot know it. */
  readonly hint?: string | undefined;
}

/** An error of a library together with what the command knows about it. */
export class CommandFailure extends Error {
  readonly error: Nv2Error;
  readonly facts: FailureFacts;

  constructor(facts: FailureFacts, { cause }: { readonly cause: Nv2Error }) {
    super(cause.message, { cause });
    this.name = 'CommandFailure';
    this.error = cause;
    this.facts = facts;
  }
}

/** Words with the prefix of the facts before them, which errors of that very subject already have. */
export function withPrefix(words: string, { prefix }: FailureFacts): string {
  return prefix === undefined || words.startsWith(`${prefix}: `) ? words : `${prefix}: ${words}`;
}

/** Does the work and adds to whatever nv2 error it throws what the command knows: work within work too. */
export async function withFacts<T>(facts: FailureFacts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandFailure) {
      throw new CommandFailure(within(facts, error.facts), { cause: error.error });
    }
    if (!(error instanceof Nv2Error)) throw error;
    throw new CommandFailure(facts, { cause: error });
  }
}

function within(outer: FailureFacts, inner: FailureFacts): FailureFacts {
  const prefixes = [outer.prefix, inner.prefix].filter((prefix) => prefix !== undefined);
  return {
    ...outer,
    ...inner,
    ...(prefixes.length > 0 && { prefix: prefixes.join(': ') }),
  };
}

/** Does the work and puts words before whatever nv2 error it throws. */
export function prefixed<T>(
  prefix: string,
  work: () => Promise<T>,
  facts: FailureFacts = {},
): Promise<T> {
  return withFacts({ ...facts, prefix }, work);
}
