import {
  TreeVerificationError,
  VerificationError,
  type VerifyOptions,
  type VerifyTarget,
  verify,
  verifyTree,
} from '@nv2/notary';
import type { ArtifactSource, Platform } from '@nv2/oci';
import {
  type ArtifactName,
  isTagged,
  policyReference,
  readArtifactName,
  withDigest,
} from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure } from '../failure.ts';
import { openSource } from '../open-artifact.ts';
import { platformFlag } from '../platform.ts';
import { refusedTree, reportTree } from '../tree-report.ts';
import { verificationLog } from '../verification-log.ts';
import { refusedVerification, reportVerification } from '../verification-report.ts';
import { openVerifying, type Verifying } from '../verifying.ts';

/** What one command line verifies. */
interface Subject {
  readonly name: ArtifactName;
  /** Of the index that is named: for what platform a manifest of it is verified. */
  readonly platform: Platform | undefined;
  readonly source: ArtifactSource;
}

/** `verify`: exit 0 only with proof that the trust policy says yes. */
export async function run(context: CommandContext): Promise<void> {
  const { flags, program } = context;
  const verifying = await openVerifying(context);
  try {
    const name = readArtifactName(context);
    const platform = platformFlag(context);
    const { source, close } = await openSource(context, name);
    try {
      await verifySubject(context, { name, platform, source }, verifying);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      const failure = await refused(context, error, { name, policyPath: verifying.policyPath });
      // what was cut off was not tried out
      const { aborted } = context.io.signal;
      if (program !== 'nv2' || !flags.isOn('audit') || aborted) throw failure;
      await reportAudited(context, failure);
    } finally {
      close();
    }
  } finally {
    verifying.close();
  }
}

async function verifySubject(
  context: CommandContext,
  { name, platform, source }: Subject,
  { options, policyPath, trustStorePath }: Verifying,
): Promise<void> {
  const { args, flags, log, program } = context;
  const target: VerifyTarget = {
    source,
    reference: args[0] ?? '',
    scope: name.scope,
    version: name.version,
    platform,
  };
  const tell = verificationLog({ log, name, trustStorePath });
  const logged: VerifyOptions = {
    ...options,
    log: (event) => {
      // notation warns as soon as it knows what the tag names; nv2 says first whether it is a no
      if (program === 'notation' && event.event === 'resolved') warnOfTag(context, name);
      tell(event);
    },
  };
  if (program === 'nv2' && flags.isOn('recursive')) {
    const proofs = await verifyTree(target, logged);
    warnOfTag(context, name);
    return reportTree(context, proofs, { name, policyPath });
  }
  const verification = await verify(target, logged);
  if (program === 'nv2') warnOfTag(context, name);
  await reportVerification(context, verification, {
    verified: { artifact: withDigest(name, verification.verdict.subject.digest) },
    afterWarning: isTagged(name),
    policyPath,
  });
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
  if (isTagged(name)) printer.warn(tagWarning(name));
}

function tagWarning({ version }: ArtifactName): string {
  return `Always verify the artifact using digest(@sha256:...) rather than a tag(:${version}) because resolved digest may not point to the same signed artifact, as tags are mutable.`;
}

async function refused(
  context: CommandContext,
  error: VerificationError,
  by: { readonly name: ArtifactName; readonly policyPath: string | undefined },
): Promise<CommandFailure> {
  const { name } = by;
  const isResolved = error.verdict.subject !== undefined;
  const failure = await refusedBy(context, error, by);
  if (!isResolved || !isTagged(name)) return failure;
  return new CommandFailure({ ...failure.facts, warning: tagWarning(name) }, { cause: error });
}

function refusedBy(
  context: CommandContext,
  error: VerificationError,
  by: { readonly name: ArtifactName; readonly policyPath: string | undefined },
): Promise<CommandFailure> {
  if (error instanceof TreeVerificationError) return refusedTree(context, error, by);
  const { name, policyPath } = by;
  const { reference, subject } = error.verdict;
  const digest = subject?.digest ?? name.version;
  const artifact = subject === undefined ? reference : withDigest(name, digest);
  const facts = { artifact, policyReference: policyReference(name, digest) };
  return refusedVerification(context, error, { verified: { artifact }, facts, policyPath });
}
