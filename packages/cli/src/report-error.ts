import { Nv2Error } from '@nv2/core/errors';
import type { Cause } from '@nv2/notary';
import type { CliIo } from './context.ts';
import { CliError } from './errors.ts';
import { CommandFailure, type FailureFacts, withPrefix } from './failure.ts';
import type { Printer } from './printer.ts';
import type { ProgramName } from './table/types.ts';
import { printable } from './text/printable.ts';

/** Says on standard error what went wrong, in the words of the name the program was called by. */
export async function reportError(
  thrown: unknown,
  { io, printer }: { readonly io: CliIo; readonly printer: Printer },
): Promise<void> {
  const facts: FailureFacts = thrown instanceof CommandFailure ? thrown.facts : {};
  const error = thrown instanceof CommandFailure ? thrown.error : thrown;
  if (!(error instanceof Nv2Error)) {
    const reason = error instanceof Error ? error.message : String(error);
    printer.error(
      `Error: internal error: ${printable(reason.trimEnd())}\nhint: this is a defect of nv2; please report it`,
    );
    return;
  }
  if (io.program === 'nv2') {
    printer.error(nv2Words(error, facts));
    if (facts.warning !== undefined) printer.warn(facts.warning);
    return;
  }
  // notation's line about a policy that cannot be read says neither where nor why
  const reason = error.code === 'NOTARY_POLICY_MALFORMED' ? `\n${error.message}` : '';
  printer.error(`Error: ${await notationMessage(error, facts)}${reason}`);
}

/** An error in one line, in the words of the name the program was called by. */
export async function describeError(thrown: unknown, program: ProgramName): Promise<string> {
  if (thrown instanceof Nv2Error) {
    return program === 'nv2' ? thrown.message : notationMessage(thrown, {});
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Why something failed, from a verdict or report, in the words of the name that was called. */
export async function describeCause(cause: Cause, program: ProgramName): Promise<string> {
  if (program === 'nv2') return cause.message;
  const { causeWords } = await import('./text/notation-causes.ts');
  return causeWords(cause);
}

async function notationMessage(error: Nv2Error, facts: FailureFacts): Promise<string> {
  // the words of the command line are its own under both names; the tables load only for others
  if (error instanceof CliError) return withPrefix(error.message, facts);
  const { notationWords } = await import('./text/notation-errors.ts');
  return notationWords(error, facts);
}

/** Message, stable code, and the next step. */
function nv2Words(error: Nv2Error, facts: FailureFacts): string {
  // texts of the operating system and of OpenSSL may end in a line feed
  const text = withPrefix(error.message, facts).trimEnd();
  // a line feed in any other error is of whoever wrote what the error is about
  const [first = '', ...more] = error instanceof CliError ? text.split('\n') : [printable(text)];
  const behind = error.data['causeCode'];
  const code = typeof behind === 'string' ? `${error.code}: ${behind}` : error.code;
  const lines = [`Error: ${first} [${code}]`, ...more];
  if (facts.details !== undefined && facts.details !== '') lines.push(facts.details);
  const hint = facts.hint ?? error.hint;
  if (hint !== undefined) lines.push(`hint: ${printable(hint)}`);
  return lines.join('\n');
}
