import { counted } from '@nv2/core';
import { type Cause, causeOf, rememberedTrustStore } from '@nv2/notary';
import { readRegistryName } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { ChangeTally, unreadableReferences } from '../policy-diff/change-tally.ts';
import {
  type ComparedStatements,
  compareScopes,
  compareStatements,
  type PolicyPair,
} from '../policy-diff/compare-statements.ts';
import type { VerdictChange } from '../policy-diff/compare-verdicts.ts';
import { type ComparedReference, judgeBoth } from '../policy-diff/judge-both.ts';
import { Printer } from '../printer.ts';
import { isReportFormat } from '../report/formats.ts';
import { type BadReference, type Collected, collectReferences } from '../scan/collect.ts';
import { concurrencyOf } from '../scan/concurrency.ts';
import { formatPlace, type Place } from '../scan/found.ts';
import { openProgress } from '../scan/progress.ts';
import { openReporter, type Reporter, type ReportWords } from '../scan/reporter.ts';
import { isAnySource, readSources } from '../scan/sources.ts';
import { formatJson } from '../text/go-json.ts';
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

/** What is reported of references or scopes, as a {@link Reporter} is told it. */
type Told<One> = { readonly one: One } | { readonly bad: Unreadable };

function openDiffReporter<One>(
  context: Pick<CommandContext, 'flags' | 'printer'>,
  { text, record }: Pick<ReportWords<One, object>, 'text' | 'record'>,
): Reporter<Told<One>> {
  return openReporter<Told<One>, object>(context, {
    text: (told) => ('bad' in told ? badText(told.bad) : text(told.one)),
    record: (told) => ('bad' in told ? told.bad : record(told.one)),
    document: async (_, records) => formatJson(records),
  });
}

async function reportStatements(
  context: CommandContext,
  found: {
    readonly compared: readonly ComparedStatements[];
    readonly bad: readonly Unreadable[];
    readonly what: 'scopes' | 'references';
  },
): Promise<void> {
  const { compared, bad, what } = found;
  const total = counted(compared.length, what.slice(0, -1));
  const changed = compared.filter(({ change }) => change !== 'none').length;
  const reporter = openDiffReporter<ComparedStatements>(context, {
    text: (one) => (one.change === 'none' ? undefined : formatStatements(one)),
    record: ({ about, ...one }) =>
      what === 'scopes' ? { scope: about, ...one } : { reference: about, ...one },
  });
  for (const one of bad) await reporter.add({ bad: one });
  for (const one of compared) await reporter.add({ one });
  await reporter.end();
  if (changed > 0) {
    throw new CliError(
      'CLI_POLICY_CHANGED',
      `${changed} of ${total} ${changed === 1 ? 'is' : 'are'} decided otherwise`,
      { data: { changed, [what]: compared.length } },
    );
  }
  if (!isReportFormat(context.flags.string('output'))) {
    context.printer.line(`Of ${total} none is decided otherwise.`);
  }
  if (bad.length > 0) throw unreadableReferences(bad.length, compared.length + bad.length);
}

interface Comparison {
  readonly policies: PolicyPair;
  readonly collected: Collected;
  readonly bad: readonly Unreadable[];
  readonly concurrency: number;
}

async function reportVerdicts(
  given: CommandContext,
  { policies, collected, bad, concurrency }: Comparison,
): Promise<void> {
  const progress = openProgress(given.io);
  const { stdout, stderr } = progress.streams;
  const context = { ...given, printer: new Printer(stdout, stderr) };
  const verifying = openVerifyingBy(context, {
    policy: policies.after,
    // stores are read once, whatever the number of references
    trustStore: rememberedTrustStore(trustStoreArgument(context)),
    denials: await configuredDenials(context),
  });
  const reporter = openDiffReporter<ComparedReference>(context, {
    text: (one) => (changeOf(one) === 'none' ? undefined : formatVerdicts(one)),
    record: recordOf,
  });
  const tally = new ChangeTally();
  const total = collected.references.size + bad.length;
  try {
    for (const one of bad) {
      tally.add('unreadable');
      await reporter.add({ bad: one });
    }
    progress.update(total, tally);
    const { options } = verifying;
    for await (const one of judgeBoth(context, collected, { policies, options, concurrency })) {
      tally.add(changeOf(one));
      progress.update(total, tally);
      await reporter.add({ one });
    }
  } finally {
    progress.end();
    verifying.close();
  }
  await reporter.end();
  if (!isReportFormat(context.flags.string('output'))) {
    context.printer.line(`Compared ${counted(total, 'reference')}: ${tally.words()}`);
  }
  const failure = tally.failure();
  if (failure !== undefined) throw failure;
}

function changeOf({ verdicts }: ComparedReference): VerdictChange['change'] {
  return verdicts?.change ?? 'none';
}

function recordOf({ verdicts, statements, ...named }: ComparedReference): object {
  const { change, ...rest } = verdicts ?? { change: 'none' };
  return { ...named, change, statements, ...rest };
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
