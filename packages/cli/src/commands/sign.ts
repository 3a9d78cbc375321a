import { type SignedArtifact, sign } from '@nv2/notary';
import { isTagged, readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { openTarget } from '../open-artifact.ts';
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
  const { flags, log, printer } = context;
  const name = readArtifactName(context);
  const opened = await openTarget(context, name);
  try {
    log('info', `Signing ${context.args[0]} as ${options.format}`);
    const forceReferrersTag = flags.isOn('force-referrers-tag');
    const signed = await sign(opened.target, name.version, { ...options, forceReferrersTag });
    if (isTagged(name)) {
      printer.warn(
        `Always sign the artifact using digest(@sha256:...) rather than a tag(:${name.version}) because tags are mutable and a tag reference can point to a different artifact than the one signed.`,
      );
    }
    if (signed.warnings.includes('OCI_REFERRERS_INDEX_NOT_DELETED')) printer.warn(INDEX_WARNING);
    report(context, signed, {
      artifact: withDigest(name, signed.subject.digest),
      signature: withDigest(name, signed.signature.digest),
    });
  } finally {
    opened.close();
  }
}

function report(
  { flags, printer }: CommandContext,
  signed: SignedArtifact,
  { artifact, signature }: { readonly artifact: string; readonly signature: string },
): void {
  if (flags.string('output') === 'json') {
    const { subject, envelope, referrers, signingTime } = signed;
    printer.json({
      artifact,
      subject,
      signature: { reference: signature, ...signed.signature },
      envelope,
      referrers,
      signingTime: signingTime.toISOString().replace('.000Z', 'Z'),
    });
    return;
  }
  printer.line(`Successfully signed ${artifact}\nPushed the signature to ${signature}`);
}
