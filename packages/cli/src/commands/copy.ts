import { resolveArtifact, type Verification, VerificationError, verify } from '@nv2/notary';
import {
  type CopyReport,
  type CredentialSource,
  copyArtifact,
  type Descriptor,
  type StreamingSource,
} from '@nv2/oci';
import {
  type ArtifactName,
  policyReference,
  readSourceName,
  withDigest,
} from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { type Destination, readDestination } from '../copy-destination.ts';
import { copyJson, copyText } from '../copy-report.ts';
import { CliError, usageError } from '../errors.ts';
import { openSource, openTarget } from '../open-artifact.ts';
import { sideCredentials } from '../registry-access.ts';
import { TRUST_GIVEN } from '../table/flags.ts';
import { validOf } from '../text/verdict.ts';
import { isTrustGiven } from '../trust/given-trust.ts';
import { verificationLog } from '../verification-log.ts';
import { refusedVerification, warnOfReservations } from '../verification-report.ts';
import { openVerifying } from '../verifying.ts';

/** `copy`: an artifact with its signatures and other referrers; with `--verify`, only after a yes. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags } = context;
  const [from = '', to = ''] = args;
  const scope = flags.optional('scope');
  const isVerified = flags.isOn('verify');
  const isLayout = flags.isOn('from-oci-layout');
  assertUseful(context);
  if (isLayout && isVerified && scope === undefined && !isTrustGiven(context)) {
    throw usageError(
      '--verify needs --scope with --from-oci-layout, unless --trust or --pin says whom to trust: the trust policy is asked about it',
    );
  }
  const name = readSourceName(from, { isLayout, scope, cwd: context.io.cwd });
  const destination = readDestination(to, { isLayout: flags.isOn('to-oci-layout') });
  const opened = await openSource(context, name, credentialsOf(context, 'from', name));
  try {
    const { source } = opened;
    const verdict = isVerified ? await acceptedVerdict(context, name, source) : undefined;
    const root =
      verdict?.subject ??
      (await resolveArtifact(source, name.version, { signal: context.io.signal }));
    assertDigest(root, destination);
    const outcome = verdict?.outcome;
    await copyTo(context, { name, root, source, isVerified: outcome === 'verified' }, destination);
  } finally {
    opened.close();
  }
}

/** Flags that say by what to verify. */
const VERIFYING_FLAGS = [
  ...TRUST_GIVEN.map(({ name }) => name),
  'scope',
  'user-metadata',
  'max-signatures',
  'plugin-config',
  'plugin-timeout',
];

// A flag that is passed over would make a copy seem verified, or verified by it.
function assertUseful({ flags }: CommandContext): void {
  const name = VERIFYING_FLAGS.find((flag) => flags.isSet(flag));
  if (name !== undefined && !flags.isOn('verify')) {
    throw usageError(`the flag --${name} needs --verify: without it nothing is verified`);
  }
  if (flags.isSet('scope') && !flags.isOn('from-oci-layout')) {
    throw usageError(
      'the flag --scope needs --from-oci-layout: of a registry, the trust policy is asked about the repository',
    );
  }
}

/** What the trust policy said yes to: everything after is about the digest of its subject. */
async function acceptedVerdict(
  context: CommandContext,
  name: ArtifactName,
  source: StreamingSource,
): Promise<Verification['verdict']> {
  const { args, log, printer } = context;
  const { options, policyPath, trustStorePath, close } = await openVerifying(context);
  const target = { source, reference: args[0] ?? '', scope: name.scope, version: name.version };
  try {
    const tell = verificationLog({ log, name, trustStorePath });
    const { verdict } = await verify(target, { ...options, log: tell });
    warnOfReservations(printer, validOf(verdict.signatures));
    if (verdict.outcome === 'skipped') {
      const artifact = withDigest(name, verdict.subject.digest);
      printer.warn(
        `Trust policy is configured to skip signature verification for ${artifact}: nothing was verified`,
      );
    }
    return verdict;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const { subject, reference } = error.verdict;
    const artifact = subject === undefined ? reference : withDigest(name, subject.digest);
    const digest = subject?.digest ?? name.version;
    const facts = { artifact, policyReference: policyReference(name, digest) };
    throw await refusedVerification(context, error, { verified: { artifact }, facts, policyPath });
  } finally {
    close();
  }
}

async function copyTo(
  context: CommandContext,
  what: {
    readonly name: ArtifactName;
    readonly root: Descriptor;
    readonly source: StreamingSource;
    readonly isVerified: boolean;
  },
  destination: Destination,
): Promise<void> {
  const { io, printer, flags } = context;
  const { isVerified } = what;
  const { target: place, tag } = destination;
  const credentials = credentialsOf(context, 'to', place);
  const { target, close } = await openTarget(context, place, { create: true, credentials });
  try {
    const report = await copyArtifact(what.source, target, what.root, {
      signal: io.signal,
      ...(tag !== undefined && { tag }),
    });
    warn(context, report);
    const facts = {
      source: withDigest(what.name, what.root.digest),
      destination: `${destination.place}@${what.root.digest}`,
      tag,
      isVerified,
    };
    if (flags.string('output') === 'json') printer.json(copyJson(report, facts));
    else printer.text(copyText(report, facts));
  } finally {
    close();
  }
}

function warn({ printer }: CommandContext, { leftOut, warnings, foreignLayers }: CopyReport): void {
  for (const { descriptor, reason } of leftOut) {
    printer.warn(`${descriptor.digest} is listed as a referrer and was not copied: ${reason}`);
  }
  for (const { digest } of foreignLayers) {
    printer.warn(`the layer ${digest} is not distributable and was not copied`);
  }
  if (warnings.includes('OCI_REFERRERS_INDEX_NOT_DELETED')) {
    printer.warn(
      'an outdated referrers index could not be deleted: garbage collection may be required',
    );
  }
}

function assertDigest({ digest }: Descriptor, wanted: Destination): void {
  if (wanted.digest === undefined || wanted.digest === digest) return;
  throw new CliError(
    'CLI_DESTINATION_MISMATCH',
    `the destination names ${wanted.digest}, and the source is ${digest}`,
    { hint: 'name the destination by a tag, or by the digest of the source', data: { digest } },
  );
}

function credentialsOf(
  context: CommandContext,
  side: 'from' | 'to',
  place: { readonly kind: string; readonly reference?: { readonly registry: string } },
): CredentialSource | undefined {
  return place.reference && sideCredentials(context, side, place.reference.registry);
}
