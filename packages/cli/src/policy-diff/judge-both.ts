import { inParallel } from '@nv2/core';
import { causeOf, type Verdict, VerificationError, type VerifyOptions, verify } from '@nv2/notary';
import type { ArtifactSource } from '@nv2/oci';
import { type RegistryName, readRegistryName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { interrupted } from '../interrupt.ts';
import { httpAccess } from '../registry-access.ts';
import type { Collected } from '../scan/collect.ts';
import type { Place } from '../scan/found.ts';
import { registriesOf } from '../scan/registries.ts';
import { compareStatements, type PolicyPair, type StatementChange } from './compare-statements.ts';
import { compareVerdicts, type VerdictChange } from './compare-verdicts.ts';
import { rememberedSource } from './remembered-source.ts';

/** What two policies make of one reference. */
export interface ComparedReference {
  /** The artifact by its digest, where that is known. */
  readonly artifact: string;
  readonly reference: string;
  readonly places: readonly Place[];
  readonly statements: StatementChange;
  /** Absent where both policies demand the same: then nothing is asked, and no verdict changes. */
  readonly verdicts?: VerdictChange;
}

/** By what {@link judgeBoth} compares. */
export interface JudgeBothOptions {
  readonly policies: PolicyPair;
  /** Of either policy alike. */
  readonly options: Omit<VerifyOptions, 'policy'>;
  readonly concurrency: number;
}

/**
 * Judges references by both policies, so many at a time, and yields what came of each as it comes. Both
 * verdicts are about the same answers of the registry.
 *
 * @throws CliError `CLI_INTERRUPTED`
 */
export async function* judgeBoth(
  context: CommandContext,
  { references }: Pick<Collected, 'references'>,
  by: JudgeBothOptions,
): AsyncGenerator<ComparedReference> {
  const http = httpAccess(context, { maxConnectionsPerHost: 2 * by.concurrency });
  const open = registriesOf(context, http);
  const { signal } = context.io;
  const compare = async ([reference, places]: readonly [string, readonly Place[]]) => {
    const name = readRegistryName(reference);
    const statements = compareStatements(name.scope, by.policies);
    const compared = { artifact: reference, reference, places, statements };
    if (statements.change !== 'demands') return compared;
    const verdicts = await verdictsOn(reference, name, { ...by, open });
    // what was cut off is no verdict
    if (signal.aborted) throw interrupted();
    const subject = verdicts.before.subject ?? verdicts.after.subject;
    return {
      ...compared,
      artifact: subject === undefined ? reference : withDigest(name, subject.digest),
      verdicts: compareVerdicts(verdicts.before, verdicts.after),
    };
  };
  try {
    yield* inParallel(references, compare, by);
  } finally {
    http.close();
  }
}

interface Verdicts {
  readonly before: Verdict;
  readonly after: Verdict;
}

async function verdictsOn(
  reference: string,
  name: RegistryName,
  {
    policies,
    options,
    open,
  }: JudgeBothOptions & { readonly open: ReturnType<typeof registriesOf> },
): Promise<Verdicts> {
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  let opened: Promise<ArtifactSource> | undefined;
  const judge = async (policy: PolicyPair['before']): Promise<Verdict> => {
    try {
      opened ??= open(name.reference).then((source) => rememberedSource(source, signal));
      const target = { source: await opened, reference, scope: name.scope, version: name.version };
      return (await verify(target, { ...options, policy })).verdict;
    } catch (error) {
      if (error instanceof VerificationError) return error.verdict;
      return unavailable(reference, error, options);
    }
  };
  try {
    return { before: await judge(policies.before), after: await judge(policies.after) };
  } finally {
    over.abort();
  }
}

// As a scan has it: one reference that cannot even be verified never stops the rest.
function unavailable(
  reference: string,
  error: unknown,
  { now = () => new Date() }: JudgeBothOptions['options'],
): Verdict {
  const judgedAt = now().toISOString().replace('.000Z', 'Z');
  return { reference, judgedAt, outcome: 'unavailable', cause: causeOf(error), signatures: [] };
}
