import { VerificationError, verify } from '@nv2/notary';
import {
  type ArtifactName,
  isTagged,
  policyReference,
  readArtifactName,
  withDigest,
} from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import type { CommandFailure } from '../failure.ts';
import { keyValues, maxSignatures } from '../key-values.ts';
import { openSource } from '../open-artifact.ts';
import { verificationPlugins } from '../plugin-access.ts';
import { serviceAccess } from '../service-access.ts';
import { loadTrust } from '../trust/trust.ts';
import { verificationLog } from '../verification-log.ts';
import { refusedVerification, reportVerification } from '../verification-report.ts';

/** `verify`: exit 0 only with proof that the trust policy says yes. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, log } = context;
  const max = maxSignatures(flags);
  const { policy, trustStore, policyPath, trustStorePath } = await loadTrust(context);
  const userMetadata = keyValues(flags, 'user-metadata');
  const name = readArtifactName(context);
  const opened = await openSource(context, name);
  const target = { reference: args[0] ?? '', scope: name.scope, version: name.version };
  const tell = verificationLog({ log, name, trustStorePath });
  const services = serviceAccess(context);
  try {
    const verification = await verify(opened.source, target, {
      policy,
      trustStore,
      userMetadata,
      maxSignatures: max,
      now: io.now,
      signal: io.signal,
      revocation: services.revocation,
      ...verificationPlugins(context),
      log: (event) => {
        if (event.event === 'resolved') warnOfTag(context, name);
        tell(event);
      },
    });
    await reportVerification(context, verification, {
      verified: { artifact: withDigest(name, verification.verdict.subject.digest) },
      afterWarning: isTagged(name),
      policyPath,
    });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const failure = await refused(context, error, { name, policyPath });
    if (context.program !== 'nv2' || !flags.isOn('audit')) throw failure;
    await reportAudited(context, failure);
  } finally {
    opened.close();
    services.close();
  }
}

// A dry run: the same words, and success.
async function reportAudited(
  { io, printer }: CommandContext,
  failure: CommandFailure,
): Promise<void> {
  const { reportError } = await import('../report-error.ts');
  await reportError(failure, { io, printer });
  printer.warn('this was an audit: the command would have failed without --audit');
}

function warnOfTag({ printer }: CommandContext, name: ArtifactName): void {
  if (!isTagged(name)) return;
  printer.warn(
    `Always verify the artifact using digest(@sha256:...) rather than a tag(:${name.version}) because resolved digest may not point to the same signed artifact, as tags are mutable.`,
  );
}

function refused(
  context: CommandContext,
  error: VerificationError,
  by: { readonly name: ArtifactName; readonly policyPath: string | undefined },
): Promise<CommandFailure> {
  const { name, policyPath } = by;
  const { reference, subject } = error.verdict;
  const digest = subject?.digest ?? name.version;
  const artifact = subject === undefined ? reference : withDigest(name, digest);
  const facts = { artifact, policyReference: policyReference(name, digest) };
  return refusedVerification(context, error, { verified: { artifact }, facts, policyPath });
}
