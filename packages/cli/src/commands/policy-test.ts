import { dirname, resolve } from 'node:path';
import {
  directoryRevocation,
  givenSignatures,
  MAX_POLICY_BYTES,
  type OfflineRevocation,
  type PolicyTestCase,
  readPolicyTests,
  readRegularFile,
  type TrustStore,
  type Verdict,
  VerificationError,
  verify,
} from '@nv2/notary';
import { formatOfSignatureFile, readSignatureFile } from '../blob-files.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { policyArgument, trustStoreArgument } from '../trust/policy-argument.ts';
import type { LoadedPolicy } from '../trust/policy-file.ts';
import { correctionOf } from '../trust/policy-mistake.ts';

/**
 * `policy test`: what the policy decides about given signatures, by the engine of `verify`. Nothing is
 * asked of a registry or a revocation service; answers that the policy has in a directory count.
 */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer } = context;
  const [file = ''] = args;
  const named = flags.optional('policy');
  const cases = await readCases(context, file);
  const policy = await policyArgument(context, named);
  const by = {
    policy,
    trustStore: trustStoreArgument(context),
    offlineRevocation: directoryRevocation(),
    directory: dirname(file),
  };
  const results: Result[] = [];
  for (const one of cases) results.push(await runCase(context, one, by));
  const failed = results.filter(({ passed }) => !passed).length;
  if (flags.string('output') === 'json') printer.json(results);
  else for (const result of results) printer.line(toText(result));
  if (failed === 0) return;
  throw new CliError('CLI_POLICY_TESTS_FAILED', `${failed} of ${cases.length} cases fail`, {
    data: { failed, cases: cases.length },
  });
}

interface Answer {
  readonly outcome: Verdict['outcome'];
  readonly statement?: string | undefined;
  readonly code?: string | undefined;
}

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: PolicyTestCase['expect'];
  readonly got: Answer;
  readonly reason?: string;
}

async function readCases({ io }: CommandContext, file: string): Promise<readonly PolicyTestCase[]> {
  const bytes = await readRegularFile(resolve(io.cwd, file), {
    subject: 'file of test cases',
    maxBytes: MAX_POLICY_BYTES,
    followLinks: true,
  });
  const { placed, readYaml } = await import('../trust/yaml-document.ts');
  const from = { name: file, correction: correctionOf({ name: file }) };
  const document = readYaml(bytes, from);
  try {
    return readPolicyTests(document.value).cases;
  } catch (error) {
    throw placed(error, from, document);
  }
}

async function runCase(
  context: CommandContext,
  { name, repository, subject, signatures = [], clock, expect }: PolicyTestCase,
  by: {
    readonly policy: LoadedPolicy;
    readonly trustStore: TrustStore;
    readonly offlineRevocation: OfflineRevocation;
    readonly directory: string;
  },
): Promise<Result> {
  const envelopes = await Promise.all(
    signatures.map(async (file) => ({
      bytes: await readSignatureFile(resolve(context.io.cwd, by.directory, file), context),
      mediaType: formatOfSignatureFile(file),
    })),
  );
  const verdict = await verdictOn(() =>
    verify(
      {
        source: givenSignatures(subject, envelopes),
        reference: `${repository}@${subject.digest}`,
        scope: repository,
        version: subject.digest,
      },
      {
        policy: by.policy,
        trustStore: by.trustStore,
        offlineRevocation: by.offlineRevocation,
        now: clock === undefined ? context.io.now : () => new Date(clock),
        signal: context.io.signal,
      },
    ),
  );
  const { outcome, statement, cause } = verdict;
  const got = { outcome, statement: statement?.name, code: cause?.code };
  const passed = [
    got.outcome === expect.outcome,
    expect.statement === undefined || got.statement === expect.statement,
    expect.code === undefined || codesOf(verdict).includes(expect.code),
  ].every(Boolean);
  return { name, passed, expected: expect, got, ...(cause && { reason: cause.message }) };
}

async function verdictOn(verifying: () => ReturnType<typeof verify>): Promise<Verdict> {
  try {
    return (await verifying()).verdict;
  } catch (error) {
    if (error instanceof VerificationError) return error.verdict;
    throw error;
  }
}

/** The code of the verdict, and those of the signatures that are behind it. */
function codesOf({ cause, signatures }: Verdict): readonly (string | undefined)[] {
  return [cause?.code, ...signatures.map((one) => one.cause?.code)];
}

function toText({ name, passed, expected, got, reason }: Result): string {
  if (passed) return `ok ${name}`;
  const because = reason === undefined ? '' : `\n  ${reason}`;
  return `FAILED ${name}\n  expected ${words(expected)}\n  got ${words(got)}${because}`;
}

function words({ outcome, statement, code }: Answer): string {
  const by = statement === undefined ? '' : ` by the statement ${JSON.stringify(statement)}`;
  return `${outcome}${by}${code === undefined ? '' : ` [${code}]`}`;
}
