import { inParallel } from '@nv2/core';
import {
  assertRepositoryScope,
  causeOf,
  NotaryError,
  VerificationError,
  verify,
} from '@nv2/notary';
import { readRegistryName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { interrupted } from '../interrupt.ts';
import { noLog } from '../log.ts';
import { httpAccess } from '../registry-access.ts';
import { VERDICT_FORMAT, type VerdictRecord, verdictRecord } from '../report/record.ts';
import { verificationLog } from '../verification-log.ts';
import type { Verifying } from '../verifying.ts';
import type { Collected } from './collect.ts';
import type { Place } from './found.ts';
import type { Journal } from './journal.ts';
import { isDecided } from './read-journal.ts';
import { registriesOf } from './registries.ts';

/** How a scan is made. */
export interface ScanOptions {
  readonly verifying: Verifying;
  readonly concurrency: number;
  readonly journal: Journal | undefined;
}

/** A result of a scan, and whether it is of an earlier run. */
export interface Scanned {
  readonly record: VerdictRecord;
  readonly resumed: boolean;
}

/**
 * Verifies references, so many at a time, and yields what came of each as it comes: first what the
 * journal has. A result that the journal is to keep is on the disk before it is seen.
 *
 * @throws CliError `CLI_INTERRUPTED`, `CLI_WRITE_FAILED`
 */
export async function* scan(
  context: CommandContext,
  { references }: Pick<Collected, 'references'>,
  { verifying, concurrency, journal }: ScanOptions,
): AsyncGenerator<Scanned> {
  const http = httpAccess(context, { maxConnectionsPerHost: 2 * concurrency });
  const open = registriesOf(context, http);
  const { signal } = context.io;
  const verifyOne = async ([reference, places]: Entry): Promise<Scanned> => {
    const kept = await journal?.finished(reference);
    if (kept !== undefined) return { record: { ...kept, places }, resumed: true };
    const verdict = await judge(reference, { context, verifying, open });
    // what was cut off is no verdict
    if (signal.aborted) throw interrupted();
    const record = { ...verdict, places };
    if (isDecided({ ...record })) await journal?.append(record);
    return { record, resumed: false };
  };
  try {
    yield* inParallel(references, verifyOne, { concurrency });
  } finally {
    http.close();
  }
}

type Entry = readonly [reference: string, places: readonly Place[]];

async function judge(
  reference: string,
  by: {
    readonly context: CommandContext;
    readonly verifying: Verifying;
    readonly open: ReturnType<typeof registriesOf>;
  },
): Promise<VerdictRecord> {
  const { context, verifying, open } = by;
  const { options, trustStorePath } = verifying;
  const { log, io } = context;
  const name = readRegistryName(reference);
  try {
    // as of an IPv6 address: no trust policy can be asked about it
    assertRepositoryScope(name.scope);
    const source = await open(name.reference);
    const target = { source, reference, scope: name.scope, version: name.version };
    const { verdict } = await verify(target, {
      ...options,
      ...(log !== noLog && { log: verificationLog({ log, name, trustStorePath }) }),
    });
    return verdictRecord({ artifact: withDigest(name, verdict.subject.digest) }, verdict);
  } catch (error) {
    if (error instanceof VerificationError) {
      const { verdict } = error;
      const { subject } = verdict;
      const artifact = subject === undefined ? reference : withDigest(name, subject.digest);
      return verdictRecord({ artifact }, verdict);
    }
    const isNoScope = error instanceof NotaryError && error.code === 'NOTARY_SCOPE_INVALID';
    const outcome = isNoScope ? 'unreadable' : 'unavailable';
    return failedRecord(reference, { outcome, cause: causeOf(error), judgedAt: io.now() });
  }
}

/** The record of a reference that was not even verified. */
export function failedRecord(
  reference: string,
  {
    judgedAt,
    ...failed
  }: Pick<VerdictRecord, 'outcome' | 'cause' | 'places'> & {
    readonly judgedAt: Date;
  },
): VerdictRecord {
  return {
    format: VERDICT_FORMAT,
    artifact: reference,
    reference,
    ...failed,
    judgedAt: judgedAt.toISOString().replace('.000Z', 'Z'),
    signatures: [],
  };
}
