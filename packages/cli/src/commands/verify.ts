import {
  directoryTrustStore,
  loadOciTrustPolicy,
  NotaryError,
  notationFiles,
  type OciTrustPolicy,
  type Verdict,
  type Verification,
  VerificationError,
  verify,
} from '@nv2/notary';
import {
  type ArtifactName,
  isTagged,
  policyReference,
  readArtifactName,
  withDigest,
} from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure } from '../failure.ts';
import { keyValues, maxSignatures } from '../key-values.ts';
import { openSource } from '../open-artifact.ts';
import { revocationAccess } from '../revocation-access.ts';
import { formatColumns } from '../text/columns.ts';
import { checkWords } from '../text/notation-verification.ts';
import { printable } from '../text/printable.ts';
import { explainSignatures, firstHint } from '../text/verdict.ts';
import { verificationLog } from '../verification-log.ts';

/** `verify`: exit 0 only with proof that the trust policy says yes. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, environment, log } = context;
  const max = maxSignatures(flags);
  const policy = await loadPolicy(context);
  const userMetadata = keyValues(flags, 'user-metadata');
  const name = readArtifactName(context);
  const opened = await openSource(context, name);
  const target = { reference: args[0] ?? '', scope: name.scope, version: name.version };
  const tell = verificationLog({ log, name, environment });
  const services = revocationAccess(context);
  try {
    const verification = await verify(opened.source, target, {
      policy,
      trustStore: directoryTrustStore(notationFiles(environment.paths).trustStore),
      userMetadata,
      maxSignatures: max,
      now: io.now,
      signal: io.signal,
      revocation: services.revocation,
      log: (event) => {
        if (event.event === 'resolved') warnOfTag(context, name);
        tell(event);
      },
    });
    report(context, verification, name);
  } catch (error) {
    throw error instanceof VerificationError ? refused(context, error, name) : error;
  } finally {
    opened.close();
    services.close();
  }
}

async function loadPolicy({ environment }: CommandContext): Promise<OciTrustPolicy> {
  try {
    return (await loadOciTrustPolicy(environment.paths)).policy;
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw new CommandFailure({ loadsPolicy: true }, { cause });
  }
}

function warnOfTag({ printer }: CommandContext, name: ArtifactName): void {
  if (!isTagged(name)) return;
  printer.warn(
    `Always verify the artifact using digest(@sha256:...) rather than a tag(:${name.version}) because resolved digest may not point to the same signed artifact, as tags are mutable.`,
  );
}

function report(
  { flags, printer, program }: CommandContext,
  { verdict }: Verification,
  name: ArtifactName,
): void {
  const artifact = withDigest(name, verdict.subject.digest);
  const logged = verdict.signatures
    .filter(({ outcome }) => outcome === 'valid')
    .flatMap(({ checks }) => checks.filter(({ cause }) => cause !== undefined));
  for (const { check, action, cause } of logged) {
    if (cause === undefined) continue;
    printer.warn(`${check} was set to "${action}" and failed with error: ${checkWords(cause)}`);
  }
  if (flags.string('output') === 'json') {
    printer.json(verdictJson(artifact, verdict));
    return;
  }
  if (logged.length > 0 || isTagged(name)) printer.line();
  if (verdict.outcome === 'skipped') {
    printer.line(`Trust policy is configured to skip signature verification for ${artifact}`);
    return;
  }
  printer.line(`Successfully verified signature for ${artifact}`);
  const valid = verdict.signatures.find(({ outcome }) => outcome === 'valid');
  if (program === 'nv2' && valid?.signer !== undefined) {
    printer.line(`Signed by ${printable(valid.signer.subject)} at ${valid.signingTime}`);
    printer.line(`Accepted by the trust policy statement "${verdict.statement?.name}"`);
  }
  reportMetadata(printer, Object.entries(valid?.userMetadata ?? {}));
}

function verdictJson(
  artifact: string,
  { outcome, ...rest }: Verdict,
): Readonly<Record<string, unknown>> {
  return { artifact, outcome, ...rest };
}

function reportMetadata(
  printer: CommandContext['printer'],
  entries: readonly (readonly [string, string])[],
): void {
  if (entries.length === 0) return;
  const rows = entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [printable(key), printable(value)]);
  printer.line('\nThe artifact was signed with the following user metadata.\n');
  printer.text(formatColumns([['KEY', 'VALUE'], ...rows]));
}

function refused(
  { flags, printer }: CommandContext,
  error: VerificationError,
  name: ArtifactName,
): CommandFailure {
  const { reference, subject } = error.verdict;
  const digest = subject?.digest ?? name.version;
  const artifact = subject === undefined ? reference : withDigest(name, digest);
  if (flags.string('output') === 'json') printer.json(verdictJson(artifact, error.verdict));
  return new CommandFailure(
    {
      artifact,
      policyReference: policyReference(name, digest),
      details: explainSignatures(error.verdict.signatures),
      hint: firstHint(error.verdict.signatures),
    },
    { cause: error },
  );
}
