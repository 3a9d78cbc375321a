import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FILE_MODE, type SignedBlob, signBlob, writeFileAtomic } from '@nv2/notary';
import { describeContent } from '@nv2/oci';
import { isStdin, openBlob, signatureFileName } from '../blob-files.ts';
import type { CommandContext } from '../context.ts';
import { CliError, usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';
import { writeNewFile } from '../files.ts';
import { confirm } from '../prompt.ts';
import { type SigningOptions, withSigning } from '../signing.ts';

/** `blob sign`: a detached signature in a file of its own. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, log } = context;
  const [path = ''] = args;
  const directory = flags.string('signature-directory');
  if (directory === '') throw usageError('signature directory cannot be empty');
  const signAndWrite = async (options: SigningOptions): Promise<void> => {
    const blob = await openBlob(path, context);
    try {
      const signaturePath = join(directory, signatureFileName(path, options.format));
      // before the content is read, which can take minutes
      const place = await placeFor(signaturePath, context);
      if (place === 'kept') return;
      const mediaType = flags.string('media-type');
      log('info', `Signing ${path} of media type ${mediaType} as ${options.format}`);
      const signed = await signBlob(blob.content, { ...options, mediaType });
      log('info', `Writing signature to file ${signaturePath}`);
      await prefixed('failed to write signature to file', () =>
        write(signed.envelope, { path: resolve(context.io.cwd, signaturePath), place }),
      );
      report(context, signed, signaturePath);
    } finally {
      await blob.close();
    }
  };
  await withSigning(context, signAndWrite, { purpose: 'blob' });
}

/** What is at the path of the signature, and what is to become of it. */
type Place = 'free' | 'replaced' | 'kept';

async function placeFor(signaturePath: string, context: CommandContext): Promise<Place> {
  const { io, args, flags, printer } = context;
  if (!(await exists(resolve(io.cwd, signaturePath)))) return 'free';
  if (flags.isOn('force')) {
    printer.warn('existing signature file will be overwritten');
    return 'replaced';
  }
  if (isStdin(args[0] ?? '')) throw cannotAsk(signaturePath);
  const question = 'The signature file already exists, do you want to overwrite it?';
  return (await confirm(question, { ...context, confirmed: false })) ? 'replaced' : 'kept';
}

function cannotAsk(path: string): CliError {
  return new CliError('CLI_FILE_EXISTS', `file already exists: ${path}`, {
    data: { path },
    hint: 'standard input is the blob, so nobody can be asked: add --force to replace the file',
  });
}

// What cannot be looked at cannot be written either, which then says why.
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function write(
  envelope: Uint8Array,
  { path, place }: { readonly path: string; readonly place: Place },
): Promise<void> {
  if (place === 'free') await writeNewFile(path, envelope, FILE_MODE);
  else await writeFileAtomic(path, envelope, { subject: 'signature' });
}

function report({ args, flags, printer }: CommandContext, signed: SignedBlob, path: string): void {
  const { subject, envelope, format, signingTime } = signed;
  if (flags.string('output') === 'json') {
    printer.json({
      blob: args[0],
      subject,
      signature: { path, ...describeContent(envelope, format) },
      signingTime: signingTime.toISOString().replace('.000Z', 'Z'),
    });
    return;
  }
  printer.line(`Successfully signed ${args[0]}\nSignature file written to ${path}`);
}
