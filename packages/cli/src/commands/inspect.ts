import { type Inspection, inspect, SIGNATURE_ARTIFACT_TYPE } from '@nv2/notary';
import { isTagged, readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { signatureJson, signatureNode } from '../inspection.ts';
import { maxSignatures } from '../key-values.ts';
import { openSource } from '../open-artifact.ts';
import { describeCause } from '../report-error.ts';
import { LABELS, V1_LABELS } from '../text/inspect-labels.ts';
import { formatTree, node } from '../text/tree.ts';

/** `inspect`: what the signatures say; nothing is verified. */
export async function run(context: CommandContext): Promise<void> {
  const { io, flags, printer, program } = context;
  const max = maxSignatures(flags);
  const name = readArtifactName(context);
  const opened = await openSource(context, name);
  try {
    const options = { maxSignatures: max, signal: io.signal };
    const inspection = await inspect({ source: opened.source, version: name.version }, options);
    if (isTagged(name)) {
      printer.warn(
        `Always inspect the artifact using digest(@sha256:...) rather than a tag(:${name.version}) because resolved digest may not point to the same signed artifact, as tags are mutable.`,
      );
    }
    for (const { descriptor, cause } of inspection.skipped) {
      const reason = await describeCause(cause, program);
      printer.warn(`Skipping signature ${descriptor.digest} because of error: ${reason}`);
    }
    await report(context, inspection, withDigest(name, inspection.subject.digest));
    if (inspection.truncated) {
      // on standard output, as in the reference
      printer.line(`Warning: exceeded configured limit of max signatures ${max} to examine`);
    }
    if (inspection.skipped.length === 0) return;
    throw new CliError(
      'CLI_SIGNATURE_SKIPPED',
      'at least one signature was skipped and not displayed',
      { hint: 'the warnings above say what is wrong with each' },
    );
  } finally {
    opened.close();
  }
}

async function report(
  { io, flags, printer }: CommandContext,
  { subject, signatures }: Inspection,
  artifact: string,
): Promise<void> {
  if (flags.string('output') === 'json') {
    const all = await Promise.all(
      signatures.map(async (signature) => ({
        digest: signature.descriptor.digest,
        ...(await signatureJson(signature, io)),
      })),
    );
    printer.json({ mediaType: subject.mediaType, signatures: all });
    return;
  }
  if (signatures.length === 0) {
    printer.line(`${artifact} has no associated signature`);
    return;
  }
  const labels = flags.string('output') === 'text' ? V1_LABELS : LABELS;
  const nodes = await Promise.all(
    signatures.map((signature) =>
      signatureNode(signature.descriptor.digest, signature, { io, labels }),
    ),
  );
  printer.line('Inspecting all signatures for signed artifact');
  printer.text(formatTree(node(artifact, [node(SIGNATURE_ARTIFACT_TYPE, nodes)])));
}
