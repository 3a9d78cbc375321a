import { resolve } from 'node:path';
import { counted } from '@nv2/core';
import { causeOf, rememberedTrustStore } from '@nv2/notary';
import { commandName } from '../command-name.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { Printer } from '../printer.ts';
import { formatVerdicts, isReportFormat } from '../report/formats.ts';
import type { VerdictRecord } from '../report/record.ts';
import { collectReferences } from '../scan/collect.ts';
import { concurrencyOf } from '../scan/concurrency.ts';
import { Journal } from '../scan/journal.ts';
import { policyHash } from '../scan/policy-hash.ts';
import { openProgress, type Progress } from '../scan/progress.ts';
import { openReporter } from '../scan/reporter.ts';
import { failedRecord, type ScanOptions, scan } from '../scan/scan.ts';
import { keepHeapSmall } from '../scan/small-heap.ts';
import { readSources } from '../scan/sources.ts';
import { Tally } from '../scan/tally.ts';
import { printable } from '../text/printable.ts';
import { formatScanned } from '../text/scanned.ts';
import { openVerifying, type Verifying } from '../verifying.ts';
import { whereToLook } from '../where-to-look.ts';

/** `scan`: verifies many references; one that fails never keeps the others from being verified. */
export async function run(given: CommandContext): Promise<void> {
  const concurrency = concurrencyOf(given);
  const progress = openProgress(given.io);
  const { stdout, stderr } = progress.streams;
  const context = { ...given, printer: new Printer(stdout, stderr) };
  const verifying = await openForMany(context);
  const stopWatchingHeap = keepHeapSmall();
  let journal: Journal | undefined;
  given.interruption.hint = howToGoOn(given);
  try {
    journal = await openJournal(context, verifying);
    const tally = await scanAll(context, { verifying, concurrency, journal }, progress);
    const failure = tally.failure();
    if (failure !== undefined) throw failure;
  } finally {
    stopWatchingHeap();
    progress.end();
    verifying.close();
    await journal?.close();
  }
}

function howToGoOn({ flags }: CommandContext): string {
  const path = flags.optional('resume');
  return path === undefined
    ? 'to go on where a scan was interrupted, run it with --resume FILE, which keeps what is finished'
    : `what is finished is kept in ${printable(path)}; run the same command again to go on`;
}

// Trust stores are read once, whatever the number of references.
async function openForMany(context: CommandContext): Promise<Verifying> {
  const verifying = await openVerifying(context);
  const { options } = verifying;
  const trustStore = rememberedTrustStore(options.trustStore);
  return { ...verifying, options: { ...options, trustStore } };
}

async function scanAll(
  context: CommandContext,
  options: ScanOptions,
  progress: Progress,
): Promise<Tally> {
  const { io } = context;
  const tally = new Tally();
  const { policyPath } = options.verifying;
  const reporter = openReporter<VerdictRecord, VerdictRecord>(context, {
    text: (record) => formatScanned(record, whereToLook(context, { verified: record, policyPath })),
    record: (record) => record,
    document: (format, records) => formatVerdicts(format, records, commandName(context)),
  });
  const collected = await collectReferences(
    readSources(context),
    async ({ text, place, problem }) => {
      tally.add('unreadable');
      const failed = { outcome: 'unreadable', cause: causeOf(problem), places: [place] } as const;
      await reporter.add(failedRecord(text, { ...failed, judgedAt: io.now() }));
    },
  );
  const { references, duplicates } = collected;
  const total = references.size + tally.total;
  if (total === 0) throw nothingToScan();
  progress.update(total, tally);
  for await (const { record, resumed } of scan(context, collected, options)) {
    tally.add(record.outcome);
    if (resumed) tally.resumed += 1;
    progress.update(total, tally);
    await reporter.add(record);
  }
  progress.end();
  await reporter.end();
  summarize(context, { tally, duplicates });
  return tally;
}

function summarize(
  { flags, printer }: CommandContext,
  { tally, duplicates }: { readonly tally: Tally; readonly duplicates: number },
): void {
  const more = [
    ...(duplicates > 0 ? [`${duplicates} repeated`] : []),
    ...(tally.resumed > 0 ? [`${tally.resumed} taken over from the journal`] : []),
  ];
  const extra = more.length === 0 ? '' : ` (${more.join(', ')})`;
  const text = `\nScanned ${counted(tally.total, 'reference')}: ${tally.words()}${extra}`;
  if (isReportFormat(flags.string('output'))) printer.error(text.trimStart());
  else printer.line(text);
}

async function openJournal(
  { io, flags, printer }: CommandContext,
  { options }: Verifying,
): Promise<Journal | undefined> {
  const path = flags.optional('resume');
  if (path === undefined) return undefined;
  return await Journal.open(resolve(io.cwd, path), {
    policy: await policyHash(options),
    onRestart: () =>
      printer.warn(`${path} was kept under another trust policy: the scan starts over`),
  });
}

function nothingToScan(): CliError {
  return new CliError('CLI_SCAN_EMPTY', 'there is no reference in what was given', {
    hint: 'check that these are the right files, and the right flags for them',
  });
}
