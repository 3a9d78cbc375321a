import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Nv2Error } from '@nv2/core/errors';
import { notationFiles, removeSigningKey, updateSigningKeys } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { systemError } from '../files.ts';
import { confirm } from '../prompt.ts';
import { removeCertificate } from './cert-delete.ts';

/** One thing that generate-test made. */
interface Step {
  readonly prefix: string;
  readonly work: () => Promise<unknown>;
  readonly done: string;
  readonly missing: string;
}

/** Codes for what is gone already. */
const GONE: ReadonlySet<string> = new Set([
  'NOTARY_CERTIFICATE_NOT_FOUND',
  'NOTARY_KEY_NOT_FOUND',
  'CLI_FILE_MISSING',
]);

/** `cert cleanup-test`: what `generate-test` made; what is gone already is said and passed over. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer, environment } = context;
  const name = args[0] ?? '';
  const { localKeys } = notationFiles(environment.paths);
  const paths = { key: join(localKeys, `${name}.key`), cert: join(localKeys, `${name}.crt`) };
  const question = `The test key ${name} and its corresponding certificate will be cleaned up with the following changes:
- Delete certificate ${name}.crt from trust store ${name} of type ca
- Remove key ${name} from the key list
- Delete key file: ${paths.key}
- Delete certificate file: ${paths.cert}

Are you sure you want to continue?`;
  if (!(await confirm(question, { ...context, confirmed: flags.isOn('yes') }))) return;
  const json = flags.string('output') === 'json';
  const lines: string[] = [];
  for (const step of stepsOf(context, name, paths)) {
    const line = await clean(step);
    lines.push(line);
    if (!json) printer.line(line);
  }
  if (json) printer.json({ name, steps: lines });
  else printer.line('Cleanup completed successfully');
}

function stepsOf(
  context: CommandContext,
  name: string,
  paths: { readonly key: string; readonly cert: string },
): readonly Step[] {
  const file = `${name}.crt`;
  const where = `trust store ${name} of type ca`;
  return [
    {
      prefix: `failed to delete certificate ${file} from ${where}`,
      work: () => removeCertificate(context, { type: 'ca', store: name, file }),
      done: `Successfully deleted ${file} from ${where}`,
      missing: `Certificate ${file} does not exist in ${where}`,
    },
    {
      prefix: `failed to remove key ${name} from the key list`,
      work: () => removeKey(context, name),
      done: `Successfully removed key ${name} from the key list`,
      missing: `Key ${name} does not exist in the key list`,
    },
    fileStep('key file', paths.key),
    fileStep('certificate file', paths.cert),
  ];
}

async function removeKey({ environment }: CommandContext, name: string): Promise<void> {
  const { paths } = environment;
  await updateSigningKeys(paths, (keys) => removeSigningKey(keys, name));
}

function fileStep(subject: string, path: string): Step {
  const capital = subject.replace(/^./, (letter) => letter.toUpperCase());
  return {
    prefix: `failed to delete ${subject} ${path}`,
    work: () =>
      rm(path).catch((cause: unknown) => {
        throw systemError(cause, path, 'remove');
      }),
    done: `Successfully deleted ${subject}: ${path}`,
    missing: `${capital} ${path} does not exist`,
  };
}

async function clean({ prefix, work, done, missing }: Step): Promise<string> {
  try {
    await prefixed(prefix, work, { deletes: true });
    return done;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof Nv2Error) || !GONE.has(cause.code)) throw error;
    return missing;
  }
}
