import { inspectBlobSignature } from '@nv2/notary';
import { formatOfSignatureFile, readSignatureFile } from '../blob-files.ts';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { signatureJson, signatureNode } from '../inspection.ts';
import { formatTree } from '../text/tree.ts';

/** `blob inspect`: what a signature file says; nothing is verified. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer } = context;
  const [path = ''] = args;
  const mediaType = formatOfSignatureFile(path);
  const prefix = 'failed to read signature file';
  const bytes = await readSignatureFile(path, context, { prefix });
  const signature = await prefixed('failed to parse signature', () =>
    inspectBlobSignature({ bytes, mediaType }),
  );
  if (flags.string('output') === 'json') printer.json(await signatureJson(signature, io));
  else printer.text(formatTree(await signatureNode(path, signature, { io })));
}
