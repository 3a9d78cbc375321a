import { toNotationDocument, toOwnDocument } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { policyArgument } from '../trust/policy-argument.ts';
import { yamlText } from '../trust/yaml-text.ts';

/** `policy convert`: the policy in the other format, which selects and demands the same. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer } = context;
  const { statements, format } = await policyArgument(context, args[0]);
  if (format === 'nv2') {
    printer.json(toNotationDocument(statements));
    return;
  }
  const document = toOwnDocument(statements);
  if (flags.string('output') === 'json') printer.json(document);
  else printer.raw(yamlText(document));
}
