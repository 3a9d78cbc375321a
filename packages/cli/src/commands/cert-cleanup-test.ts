import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Nv2Error } from '@nv2/core';
import { loadSigningKeys, notationFiles, removeSigningKey, saveSigningKeys } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { systemError } from '../files.ts';
import { confirm } from '../prompt.ts';
import { removeCertificate } from './cert-delete.ts';

/** `cert cleanup-test`: what `generate-test` made; what is gone already is said and passed over. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer, environment } = context;
  const name = args[0] ?? '';
  const { localKeys } = notationFiles(environment.paths);
  const keyPath = join(localKeys, `${name}.key`);
  const certPath = join(localKeys, `${name}.crt`);
  const question = `The test key ${name} and its corresponding certificate will be cleaned up with the following changes:
- Delete certificate ${name}.crt from trust store ${name} of type ca
- Remove key ${name} from the key list
- Delete key file: ${keyPath}
- Delete certificate file: ${certPath}

Are you sure you want to continue?`;
  if (!(await confirm(question, { ...context, confirmed: flags.isOn('yes') }))) return;
  await cleanTrustStore(context, name);
  await cleanKeyList(context, name);
  await cleanFile(context, { subject: 'key file', path: keyPath });
  await cleanFile(context, { subject: 'certificate file', path: certPath });
  printer.line('Cleanup completed successfully');
}

async function cleanTrustStore(context: CommandContext, name: string): Promise<void> {
  const file = `${name}.crt`;
  const where = `in trust store ${name} of type ca`;
  const prefix = `failed to delete certificate ${file} from trust store ${name} of type ca`;
  await unlessMissing(
    () => prefixed(prefix, () => removeCertificate(context, { type: 'ca', store: name, file })),
    () => context.printer.line(`Certificate ${file} does not exist ${where}`),
  );
}

async function cleanKeyList({ environment, printer }: CommandContext, name: string): Promise<void> {
  const { paths } = environment;
  await unlessMissing(
    () =>
      prefixed(`failed to remove key ${name} from the key list`, async () => {
        await saveSigningKeys(paths, removeSigningKey(await loadSigningKeys(paths), name));
        printer.line(`Successfully removed key ${name} from the key list`);
      }),
    () => printer.line(`Key ${name} does not exist in the key list`),
  );
}

async function cleanFile(
  { printer }: CommandContext,
  { subject, path }: { readonly subject: string; readonly path: string },
): Promise<void> {
  await unlessMissing(
    () =>
      prefixed(`failed to delete ${subject} ${path}`, async () => {
        await rm(path).catch((cause: unknown) => {
          throw systemError(cause, path);
        });
        printer.line(`Successfully deleted ${subject}: ${path}`);
      }),
    () => printer.line(`${subject.replace(/^./, (c) => c.toUpperCase())} ${path} does not exist`),
  );
}

const GONE: ReadonlySet<string> = new Set([
  'NOTARY_CERTIFICATE_NOT_FOUND',
  'NOTARY_KEY_NOT_FOUND',
  'CLI_FILE_MISSING',
]);

async function unlessMissing(work: () => Promise<void>, missing: () => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof Nv2Error) || !GONE.has(cause.code)) throw error;
    missing();
  }
}
