import { choosePlatform, resolveArtifact, type SignedArtifact, sign, signTree } from '@nv2/notary';
import type { ArtifactSource } from '@nv2/oci';
import {
  type ArtifactName,
  isTagged,
  readArtifactName,
  withDigest,
} from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { openTarget } from '../open-artifact.ts';
import { platformFlag } from '../platform.ts';
import { type SigningOptions, withSigning } from '../signing.ts';

const INDEX_WARNING =
  'Removal of outdated referrers index from remote registry failed. Garbage collection may be required.';

/** `sign` */
export function run(context: CommandContext): Promise<void> {
  return withSigning(context, (options) => signArtifact(context, options), {
    purpose: 'artifact',
  });
}

async function signArtifact(context: CommandContext, options: SigningOptions): Promise<void> {
  const { flags, log, printer, program } = context;
  const name = readArtifactName(context);
  const opened = await openTarget(context, name);
  try {
    const version = await versionToSign(context, name, opened.target);
    log('info', `Signing ${context.args[0]} as ${options.format}`);
    const forceReferrersTag = flags.isOn('force-referrers-tag');
    const isRecursive = program === 'nv2' && flags.isOn('recursive');
    // under the name notation, the manifest is that of notation
    const signing = { ...options, forceReferrersTag, embed: program === 'nv2' };
    const signed = isRecursive
      ? await signTree({ source: opened.target, version }, signing)
      : [await sign({ source: opened.target, version }, signing)];
    if (isTagged(name)) {
      printer.warn(
        `Always sign the artifact using digest(@sha256:...) rather than a tag(:${name.version}) because tags are mutable and a tag reference can point to a different artifact than the one signed.`,
      );
    }
    const warnings = signed.flatMap((one) => one.warnings);
    if (warnings.includes('OCI_REFERRERS_INDEX_NOT_DELETED')) printer.warn(INDEX_WARNING);
    report(context, signed, { name, isRecursive });
  } finally {
    opened.close();
  }
}

/** What is named or, with `--platform`, the digest of the manifest that the named index lists for it. */
async function versionToSign(
  context: CommandContext,
  { version }: ArtifactName,
  source: ArtifactSource,
): Promise<string> {
  const platform = platformFlag(context);
  if (platform === undefined) return version;
  const { signal } = context.io;
  const index = await resolveArtifact(source, version, { signal });
  return (await choosePlatform(source, index, { signal, platform })).digest;
}

function report(
  { flags, printer }: CommandContext,
  signed: readonly SignedArtifact[],
  { name, isRecursive }: { readonly name: ArtifactName; readonly isRecursive: boolean },
): void {
  if (flags.string('output') === 'json') {
    const results = signed.map((one) => signedJson(one, name));
    printer.json(isRecursive ? results : results[0]);
    return;
  }
  for (const { subject, signature } of signed) {
    printer.line(`Successfully signed ${withDigest(name, subject.digest)}`);
    printer.line(`Pushed the signature to ${withDigest(name, signature.digest)}`);
  }
}

function signedJson(signed: SignedArtifact, name: ArtifactName): object {
  const { subject, signature, envelope, referrers, signingTime } = signed;
  return {
    artifact: withDigest(name, subject.digest),
    subject,
    signature: { reference: withDigest(name, signature.digest), ...signature },
    envelope,
    referrers,
    signingTime: signingTime.toISOString().replace('.000Z', 'Z'),
  };
}
