import { decodeUtf8 } from '@nv2/core';
import type { EnvelopeSource } from '@nv2/notary';
import { type PassphraseSource, readKeyPair } from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { CliError, usageError } from './errors.ts';
import { askSecret, inputRequired } from './prompt.ts';
import { readSource } from './secret-source.ts';

/** Whether the command line itself names the key. */
export function isKeyGiven({ flags }: CommandContext): boolean {
  return flags.isSet('key-file') || flags.isSet('cert-file');
}

/**
 * The signer of `--key-file` and `--cert-file`; nothing is added to the key list.
 *
 * @throws CliError `CLI_USAGE`, `CLI_FILE_*`, `CLI_INPUT_REQUIRED`; NotaryError `NOTARY_KEY_*`
 */
export async function givenKey(context: CommandContext): Promise<EnvelopeSource> {
  const { flags } = context;
  assertOwnDescriptors(flags);
  const keyPath = flags.string('key-file');
  const certPath = flags.string('cert-file');
  const chain = await readSource(context, 'cert-file', { text: certPath, subject: 'certificate' });
  const key = await readSource(context, 'key-file', { text: keyPath, subject: 'private key' });
  return readKeyPair(
    { key, chain, names: { keyPath, certPath } },
    { passphrase: passphraseFor(context) },
  );
}

const SOURCES = ['cert-file', 'key-file', 'passphrase'];

/** @throws CliError `CLI_USAGE` if a descriptor would be read twice: it is at its end after the first */
function assertOwnDescriptors(flags: CommandContext['flags']): void {
  const reads = new Map<string, string>();
  for (const flag of SOURCES) {
    const text = flags.isSet(flag) ? flags.string(flag) : '';
    const other = reads.get(text);
    if (text.startsWith('fd:') && other !== undefined) {
      throw usageError(`the flags --${other} and --${flag} both read ${text}: give each its own`);
    }
    reads.set(text, flag);
  }
}

const HOW_TO_GIVE = 'give it with --passphrase: a file, env:NAME or fd:3';

/** The passphrase of an encrypted key: of `--passphrase`, else asked for on a terminal. */
export function passphraseFor(context: CommandContext): PassphraseSource {
  return async () => {
    const { flags, input, printer, io } = context;
    const text = flags.isSet('passphrase') ? flags.string('passphrase') : '';
    if (text !== '')
      return firstLine(
        await readSource(context, 'passphrase', { text, subject: 'passphrase file' }),
      );
    if (!io.stdin.isTTY) {
      throw inputRequired('the passphrase of the private key', HOW_TO_GIVE);
    }
    const secret = await askSecret('Passphrase of the private key: ', { input, printer });
    if (secret !== undefined) return secret;
    throw new CliError('CLI_INPUT_REQUIRED', 'no passphrase of the private key was given', {
      hint: `type it and press Enter, or ${HOW_TO_GIVE}`,
    });
  };
}

function firstLine(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes).replace(/\r?\n$/, '');
  if (!text.includes('\n')) return text;
  throw usageError('the flag --passphrase names more than one line');
}
