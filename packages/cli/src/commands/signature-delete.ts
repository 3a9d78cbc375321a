import { isDigest } from '@nv2/core';
import { deleteSignature, type FoundSignature, findSignature, NotaryError } from '@nv2/notary';
import { readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { CommandFailure } from '../failure.ts';
import { openTarget } from '../open-artifact.ts';
import { confirm } from '../prompt.ts';
import { quote } from '../text/quote.ts';

/** `signature delete`: one signature of an artifact, and nothing else. */
export async function run(context: CommandContext): Promise<void> {
  const { io, flags, printer } = context;
  const { signal } = io;
  const digest = flags.string('signature');
  if (!isDigest(digest)) {
    throw usageError(`invalid argument ${quote(digest)} for "--signature" flag: expected a digest`);
  }
  const name = readArtifactName(context);
  const { target, close } = await openTarget(context, name);
  try {
    const found = await find(
      { source: target, version: name.version },
      { digest, signal },
      context,
    );
    const artifact = withDigest(name, found.subject.digest);
    const question = `Are you sure you want to delete the signature ${digest} of ${artifact}?`;
    if (!(await confirm(question, { ...context, confirmed: flags.isOn('yes') }))) return;
    const warnings = await deleteSignature(target, found, { signal });
    if (warnings.includes('OCI_REFERRERS_INDEX_NOT_DELETED')) {
      printer.warn(
        'the outdated referrers index could not be deleted: garbage collection may be required',
      );
    }
    if (flags.string('output') === 'json') printer.json({ artifact, deleted: digest, warnings });
    else printer.line(`Successfully deleted the signature ${digest} of ${artifact}`);
  } finally {
    close();
  }
}

const NO_SIGNATURE_OF_IT: readonly string[] = [
  'NOTARY_SIGNATURE_NOT_FOUND',
  'NOTARY_SIGNATURE_MANIFEST_INVALID',
  'NOTARY_SUBJECT_MISMATCH',
  'NOTARY_MEDIA_TYPE_UNSUPPORTED',
];

/** As {@link findSignature}; of what is no signature of the artifact it says how to find those. */
async function find(
  artifact: Parameters<typeof findSignature>[0],
  options: { readonly digest: string; readonly signal: AbortSignal },
  { args, flags }: CommandContext,
): Promise<FoundSignature> {
  try {
    return await findSignature(artifact, options);
  } catch (cause) {
    if (!(cause instanceof NotaryError && NO_SIGNATURE_OF_IT.includes(cause.code))) throw cause;
    const layout = flags.isOn('oci-layout') ? '--oci-layout ' : '';
    const hint = `"nv2 list ${layout}${args[0]}" shows the signatures of this artifact`;
    throw new CommandFailure({ hint }, { cause });
  }
}
