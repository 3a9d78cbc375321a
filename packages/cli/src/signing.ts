import { Nv2Error } from '@nv2/core/errors';
import type { EnvelopeMediaType } from '@nv2/envelope';
import {
  type EnvelopeSource,
  getDefaultSigningKey,
  getSigningKey,
  loadSigner,
  loadSigningKeys,
  NotaryError,
  type PluginSigningKey,
  type SignBlobOptions,
  type SigningKey,
} from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { CommandFailure } from './failure.ts';
import { givenKey, isKeyGiven, passphraseFor } from './given-key.ts';
import { keyValues } from './key-values.ts';
import { openPlugins } from './plugin-access.ts';
import { loadSettings } from './settings.ts';
import { MORE_PLUGIN_TIME } from './text/next-step.ts';
import { quote } from './text/quote.ts';
import { openTimestamping } from './timestamping.ts';
import { VERSION } from './version.ts';

/** What signing an image and signing a blob have in common. */
export type SigningOptions = Omit<SignBlobOptions, 'mediaType'>;

const NANOSECONDS_PER_SECOND = 1e9;
const FORMATS: ReadonlyMap<string, EnvelopeMediaType> = new Map([
  ['jws', 'application/jose+json'],
  ['cose', 'application/cose'],
]);

/** What is signed: the digest of a blob depends on the key, which not every plugin can tell. */
type Purpose = 'artifact' | 'blob';

/** Reads key, format, metadata, expiry and timestamping from the flags, and signs with them. */
export async function withSigning<T>(
  context: CommandContext,
  work: (options: SigningOptions) => Promise<T>,
  { purpose }: { readonly purpose: Purpose },
): Promise<T> {
  const { io } = context;
  const timestamping = await openTimestamping(context);
  let key: SigningKey | undefined;
  try {
    key = isKeyGiven(context) ? undefined : await selectedKey(context);
    const format = await selectedFormat(context);
    const userMetadata = keyValues(context, 'user-metadata');
    const signer =
      key === undefined
        ? await givenKey(context)
        : await loadSelectedSigner(context, key, { purpose });
    const now = io.now();
    return await work({
      signer,
      format,
      expirySeconds: expirySeconds(context),
      userMetadata,
      now: () => now,
      utcOffsetMinutes: io.zoneOffset(now.getTime()),
      signingAgent: `nv2/${VERSION}`,
      signal: io.signal,
      ...(timestamping && { timestamp: timestamping.timestamp }),
    });
  } catch (error) {
    if (!(error instanceof Nv2Error)) throw error;
    if (key?.kind === 'plugin') {
      const isSlow = error.code === 'NOTARY_PLUGIN_TIMEOUT';
      throw new CommandFailure(
        {
          signsWith: { plugin: key.pluginName, purpose },
          ...(isSlow && { hint: `${error.hint}${MORE_PLUGIN_TIME}` }),
        },
        { cause: error },
      );
    }
    if (!isAboutCertificates(error)) throw error;
    // what the envelope says of its chain is for those who get one from elsewhere
    const hint = error.code === 'ENVELOPE_CHAIN_INVALID' ? undefined : error.hint;
    throw new CommandFailure({ hint: hint ?? CERTIFICATE_HINT }, { cause: error });
  } finally {
    timestamping?.close();
  }
}

// notation says what is wrong with it only when it signs, and in other words
function expirySeconds({ flags, program }: CommandContext): number {
  const seconds = Number(flags.duration('expiry')) / NANOSECONDS_PER_SECOND;
  if (program === 'notation' || (Number.isSafeInteger(seconds) && seconds >= 0)) return seconds;
  throw new NotaryError(
    'NOTARY_EXPIRY_INVALID',
    `the flag --expiry expects whole seconds, 0 or more, got ${quote(flags.text('expiry'))}`,
    { hint: 'write it as in 24h, 30m or 90s' },
  );
}

const CERTIFICATE_HINT =
  '"nv2 cert check FILE" names every requirement that the chain breaks, and the extensions that pass';

function isAboutCertificates({ code, cause }: Nv2Error): boolean {
  return code.startsWith('X509_') || (cause instanceof Nv2Error && isAboutCertificates(cause));
}

/** The media type of an envelope format by its short name. @throws CliError `CLI_USAGE` */
export function envelopeFormat(name: string): EnvelopeMediaType {
  const format = FORMATS.get(name);
  if (format !== undefined) return format;
  throw usageError(
    `signature format "${name}" not supported\nSupported signature envelope formats are "jws" and "cose"`,
  );
}

/** The short name of an envelope format. */
export function formatName(mediaType: EnvelopeMediaType): string {
  return mediaType === 'application/cose' ? 'cose' : 'jws';
}

// Given with --id and --plugin, chosen with --key, or the default one; of notation also by an empty name.
async function selectedKey({ flags, environment, program }: CommandContext): Promise<SigningKey> {
  if (flags.isSet('plugin')) return pluginKey(flags.string('plugin'), flags.string('id'));
  const keys = await loadSigningKeys(environment.paths);
  const name = flags.optionalOf(program, 'key');
  return name === undefined ? getDefaultSigningKey(keys) : getSigningKey(keys, name);
}

function pluginKey(pluginName: string, id: string): PluginSigningKey {
  if (id === '') throw usageError('missing key id');
  if (pluginName === '') throw usageError('plugin name cannot be empty');
  return { kind: 'plugin', name: id, id, pluginName, pluginConfig: new Map() };
}

async function loadSelectedSigner(
  context: CommandContext,
  key: SigningKey,
  { purpose }: { readonly purpose: Purpose },
): Promise<EnvelopeSource> {
  const { signal } = context.io;
  const pluginConfig = keyValues(context, 'plugin-config');
  return loadSigner(key, {
    plugins: openPlugins(context),
    pluginConfig,
    purpose,
    signal,
    ...(context.program === 'nv2' && { passphrase: passphraseFor(context) }),
  });
}

async function selectedFormat(context: CommandContext): Promise<EnvelopeMediaType> {
  const { flags } = context;
  const configured = flags.isSet('signature-format')
    ? ''
    : (await loadSettings(context)).signatureFormat;
  return envelopeFormat(configured === '' ? flags.string('signature-format') : configured);
}
