import type { EnvelopeMediaType, Signer } from '@nv2/envelope';
import {
  getDefaultSigningKey,
  getSigningKey,
  loadSigner,
  loadSigningKeys,
  type SignBlobOptions,
} from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { keyValues } from './key-values.ts';
import { loadSettings } from './settings.ts';
import { openTimestamping } from './timestamping.ts';
import { VERSION } from './version.ts';

/** What signing an image and signing a blob have in common. */
export type SigningOptions = Omit<SignBlobOptions, 'mediaType'>;

const NANOSECONDS_PER_SECOND = 1e9;
const FORMATS: ReadonlyMap<string, EnvelopeMediaType> = new Map([
  ['jws', 'application/jose+json'],
  ['cose', 'application/cose'],
]);

/** Reads key, format, metadata, expiry and timestamping from the flags, and signs with them. */
export async function withSigning<T>(
  context: CommandContext,
  work: (options: SigningOptions) => Promise<T>,
): Promise<T> {
  const { io, flags } = context;
  const timestamping = await openTimestamping(context);
  try {
    const signer = await loadSelectedSigner(context);
    const format = await selectedFormat(context);
    const userMetadata = keyValues(flags, 'user-metadata');
    const now = io.now();
    return await work({
      signer,
      format,
      expirySeconds: Number(flags.duration('expiry')) / NANOSECONDS_PER_SECOND,
      userMetadata,
      now: () => now,
      utcOffsetMinutes: io.zoneOffset(now.getTime()),
      signingAgent: `nv2/${VERSION}`,
      signal: io.signal,
      ...(timestamping && { timestamp: timestamping.timestamp }),
    });
  } finally {
    timestamping?.close();
  }
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

async function loadSelectedSigner({ flags, environment }: CommandContext): Promise<Signer> {
  const keys = await loadSigningKeys(environment.paths);
  const name = flags.string('key');
  return loadSigner(name === '' ? getDefaultSigningKey(keys) : getSigningKey(keys, name));
}

async function selectedFormat(context: CommandContext): Promise<EnvelopeMediaType> {
  const { flags } = context;
  const configured = flags.isSet('signature-format')
    ? ''
    : (await loadSettings(context)).signatureFormat;
  return envelopeFormat(configured === '' ? flags.string('signature-format') : configured);
}
