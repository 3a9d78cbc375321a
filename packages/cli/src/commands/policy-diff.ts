import { canonicalDemands, NotaryError, selectStatement, type TrustStatement } from '@nv2/notary';
import { parseReference } from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { printable } from '../text/printable.ts';
import { policyArgument } from '../trust/policy-argument.ts';
import type { LoadedPolicy } from '../trust/policy-file.ts';

/** `policy diff`: the references that another policy decides about by another statement or demand. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer } = context;
  const [from, to, ...references] = args;
  const before = await policyArgument(context, from);
  const after = await policyArgument(context, to);
  const compared = references.map((reference) => compare(reference, before, after));
  const changed = compared.filter(({ change }) => change !== 'none');
  if (flags.string('output') === 'json') printer.json(compared);
  else for (const one of changed) printer.line(printable(toText(one)));
  if (changed.length === 0) {
    if (flags.string('output') === 'text') printer.line('No reference is decided otherwise.');
    return;
  }
  throw new CliError(
    'CLI_POLICY_CHANGED',
    `${changed.length} of ${compared.length} references are decided otherwise`,
    { data: { changed: changed.length, references: compared.length } },
  );
}

interface Comparison {
  readonly reference: string;
  /** `statement`: another one that demands the same; `demands`: something else is demanded. */
  readonly change: 'none' | 'statement' | 'demands';
  readonly before?: string;
  readonly after?: string;
}

function compare(reference: string, before: LoadedPolicy, after: LoadedPolicy): Comparison {
  const { registry, repository } = parseReference(reference);
  const [old, now] = [before, after].map((policy) =>
    applicable(policy, `${registry}/${repository}`),
  );
  const isSame = demandsOf(old) === demandsOf(now);
  const change = isSame ? (old?.name === now?.name ? 'none' : 'statement') : 'demands';
  return {
    reference,
    change,
    ...(old !== undefined && { before: old.name }),
    ...(now !== undefined && { after: now.name }),
  };
}

function applicable(policy: LoadedPolicy, scope: string): TrustStatement | undefined {
  try {
    return selectStatement(policy, scope).statement;
  } catch (error) {
    if (error instanceof NotaryError && error.code === 'NOTARY_POLICY_NOT_APPLICABLE') {
      return undefined;
    }
    throw error;
  }
}

function demandsOf(statement: TrustStatement | undefined): string | undefined {
  return statement === undefined ? undefined : canonicalDemands(statement);
}

function toText({ reference, change, before, after }: Comparison): string {
  const [old, now] = [before, after].map((name) =>
    name === undefined ? 'no statement (refused)' : `statement ${JSON.stringify(name)}`,
  );
  const what = change === 'statement' ? 'demands the same' : 'demands something else';
  return `${reference}: ${old} -> ${now}, which ${what}`;
}
