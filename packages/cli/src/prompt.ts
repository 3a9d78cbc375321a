import { CliError } from './errors.ts';
import type { Input } from './input.ts';
import type { Printer } from './printer.ts';
import type { CommandSpec, ProgramName } from './table/types.ts';

/** What a question needs. */
export interface PromptContext {
  readonly program: ProgramName;
  readonly command: CommandSpec;
  readonly input: Input;
  readonly printer: Printer;
}

/**
 * Asks a question that needs a yes; `confirmed` is the answer given on the command line. Anything
 * but `y` or `yes` is a no.
 * @throws CliError `CLI_INPUT_REQUIRED` if there is nobody to answer (under the name nv2)
 */
export async function confirm(
  question: string,
  context: PromptContext & { readonly confirmed: boolean },
): Promise<boolean> {
  const { input, printer, confirmed } = context;
  if (confirmed) return true;
  printer.text(`${question} [y/N] `);
  const answer = await input.readLine();
  if (answer === undefined) return noAnswer(context);
  if (/^y(?:es)?$/i.test(answer)) return true;
  printer.line('Operation cancelled.');
  return false;
}

function noAnswer({ program, command, printer }: PromptContext): boolean {
  printer.line();
  if (program === 'notation') {
    // the reference does nothing and succeeds; at least say so
    printer.warn('no answer on standard input, operation cancelled');
    return false;
  }
  const flag = command.flags?.find(({ name }) => name === 'yes' || name === 'force')?.name;
  throw inputRequired('a confirmation', `add --${flag} to confirm without a question`);
}

/** Asks for a secret; undefined where none is given. On a terminal it is not shown while it is typed. */
export async function askSecret(
  label: string,
  { input, printer }: Pick<PromptContext, 'input' | 'printer'>,
): Promise<string | undefined> {
  const secret = await input.readSecret(() => printer.text(label));
  printer.line();
  return secret;
}

/** The error for a question that nobody can answer. */
export function inputRequired(what: string, hint: string): CliError {
  return new CliError('CLI_INPUT_REQUIRED', `${what} is needed and standard input has none`, {
    hint,
  });
}
