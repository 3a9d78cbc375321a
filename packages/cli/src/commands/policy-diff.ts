import { type Cause, causeOf, rememberedTrustStore } from '@nv2/notary';
import { readRegistryName } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import {
  type ComparedStatements,
  compareScopes,
  compareStatements,
  type PolicyPair,
} from '../policy-diff/compare-statements.ts';
import { type ComparedReference, judgeBoth } from '../policy-diff/judge-both.ts';
import { type BadReference, type Collected, collectReferences } from '../scan/collect.ts';
import { concurrencyOf } from '../scan/concurrency.ts';
import { formatPlace, type Place } from '../scan/found.ts';
import { isAnySource, readSources } from '../scan/sources.ts';
import { counted } from '../scan/tally.ts';
import { formatStatements, formatVerdicts } from '../text/policy-diff.ts';
import { printable } from '../text/printable.ts';
import { configuredDenials } from '../trust/denial-list.ts';
import { policyArgument, trustStoreArgument } from '../trust/policy-argument.ts';
import { openVerifyingBy } from '../verifying.ts';

/** `policy diff`: the references whose verdict another policy changes, or the statements that differ. */
export async function run(given: CommandContext): Promise<void> {
  const [from, to, ...args] = given.args;
  const context: CommandContext = { ...given, args };
  const concurrency = concurrencyOf(context);
  const policies = {
    before: await policyArgument(context, from),
    after: await policyArgument(context, to),
  };
  if (!isAnySource(context)) {
    const compared = compareScopes(policies);
    return reportStatements(context, { compared, bad: [], what: 'scopes' });
  }
  const bad: Unreadable[] = [];
  const collected = await collectReferences(readSources(context), async (found) => {
    bad.push(unreadable(found));
  });
  if (collected.references.size + bad.length === 0) throw nothingToCompare();
  if (context.flags.isOn('statements')) {
    const compared = Array.from(collected.references, ([reference]) => ({
      about: reference,
      ...compareStatements(readRegistryName(reference).scope, policies),
    }));
    return reportStatements(context, { compared, bad, what: 'references' });
  }
  await reportVerdicts(context, { policies, collected, bad, concurrency });
}

/** What was given as a reference and is none. */
interface Unreadable {
  readonly reference: string;
  readonly places: readonly Place[];
  readonly change: 'unreadable';
  readonly cause: Cause;
}

function unreadable({ text, place, problem }: BadReference): Unreadable {
  return { reference: text, places: [place], change: 'unreadable', cause: causeOf(problem) };
}

function reportStatements(
  { flags, printer }: CommandContext,
  found: {
    readonly compared: readonly ComparedStatements[];
    readonly bad: readonly Unreadable[];
    readonly what: 'scopes' | 'references';
  },
): void {
  const { compared, bad, what } = found;
  const changed = compared.filter(({ change }) => change !== 'none');
  if (flags.string('output') === 'json') {
    const named = compared.map(({ about, ...one }) =>
      what === 'scopes' ? { scope: about, ...one } : { reference: about, ...one },
    );
    printer.json([...named, ...bad]);
  } else {
    for (const one of bad) printer.line(badText(one));
    for (const one of changed) printer.line(formatStatements(one));
    if (changed.length === 0) {
      printer.line(`Of ${compared.length} ${what} none is decided otherwise.`);
    }
  }
  if (changed.length > 0) {
    throw new CliError(
      'CLI_POLICY_CHANGED',
      `${changed.length} of ${compared.length} ${what} are decided otherwise`,
      { data: { changed: changed.length, [what]: compared.length } },
    );
  }
  throwIfUnreadable(bad, compared.length + bad.length);
}

interface Comparison {
  readonly policies: PolicyPair;
  readonly collected: Collected;
  readonly bad: readonly Unreadable[];
  readonly concurrency: number;
}

async function reportVerdicts(
  context: CommandContext,
  { policies, collected, bad, concurrency }: Comparison,
): Promise<void> {
  const { flags, printer } = context;
  const isJson = flags.string('output') === 'json';
  const records: object[] = [...bad];
  const count = { changed: 0, undecided: 0, same: 0 };
  const verifying = openVerifyingBy(context, {
    policy: policies.after,
    // stores are read once, whatever the number of references
    trustStore: rememberedTrustStore(trustStoreArgument(context)),
    denials: await configuredDenials(context),
  });
  try {
    if (!isJson) for (const one of bad) printer.line(badText(one));
    const { options } = verifying;
    for await (const one of judgeBoth(context, collected, { policies, options, concurrency })) {
      const change = one.verdicts?.change ?? 'none';
      if (change === 'none') count.same += 1;
      else if (change === 'undecided') count.undecided += 1;
      else count.changed += 1;
      if (isJson) records.push(recordOf(one));
      else if (change !== 'none') printer.line(formatVerdicts(one));
    }
  } finally {
    verifying.close();
  }
  const total = collected.references.size + bad.length;
  if (isJson) printer.json(records);
  else printer.line(summary(count, { bad: bad.length, total }));
  throwIfChanged(count, total);
  throwIfUnreadable(bad, total);
}

function recordOf({ verdicts, statements, ...named }: ComparedReference): object {
  const { change, ...rest } = verdicts ?? { change: 'none' };
  return { ...named, change, statements, ...rest };
}

interface Count {
  readonly changed: number;
  readonly undecided: number;
  readonly same: number;
}

function summary(
  { changed, undecided, same }: Count,
  { bad, total }: { readonly bad: number; readonly total: number },
): string {
  const parts = [
    `${changed} changed`,
    `${same} the same`,
    ...(undecided > 0 ? [`${undecided} not compared`] : []),
    ...(bad > 0 ? [`${bad} unreadable`] : []),
  ];
  return `Compared ${counted(total)}: ${parts.join(', ')}`;
}

function throwIfChanged({ changed, undecided }: Count, total: number): void {
  if (changed > 0) {
    throw new CliError(
      'CLI_POLICY_CHANGED',
      `the verdict of ${changed} of ${counted(total)} changes`,
      { data: { changed, references: total } },
    );
  }
  if (undecided > 0) {
    throw new CliError(
      'CLI_POLICY_UNCOMPARED',
      `${undecided} of ${counted(total)} could be verified by neither policy`,
      { data: { undecided, references: total }, hint: 'try again, or correct what is in the way' },
    );
  }
}

function throwIfUnreadable(bad: readonly Unreadable[], total: number): void {
  if (bad.length === 0) return;
  throw new CliError(
    'CLI_SCAN_INPUT_INVALID',
    `${bad.length} of ${counted(total)} could not be read`,
    { hint: 'correct them where they stand' },
  );
}

function badText({ reference, places, cause }: Unreadable): string {
  const where = places.map((place) => `\n  at ${formatPlace(place)}`).join('');
  const name = reference === '' ? '(nothing)' : printable(reference);
  return `unreadable  ${name}\n  ${printable(cause.message)} [${cause.code}]${where}`;
}

function nothingToCompare(): CliError {
  return new CliError('CLI_SCAN_EMPTY', 'there is no reference in what was given', {
    hint: 'check that these are the right files, and the right flags for them',
  });
}
