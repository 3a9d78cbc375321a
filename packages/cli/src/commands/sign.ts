import type { EnvelopeMediaType, Signer } from '@nv2/envelope';
import {
  getDefaultSigningKey,
  getSigningKey,
  loadSigner,
  loadSigningKeys,
  type SignedArtifact,
  sign,
} from '@nv2/notary';
import { isTagged, readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { CliError, usageError } from '../errors.ts';
import { keyValues } from '../key-values.ts';
import { openTarget } from '../open-artifact.ts';
import { loadSettings } from '../settings.ts';
import { VERSION } from '../version.ts';

const NANOSECONDS_PER_SECOND = 1e9;
const FORMATS: ReadonlyMap<string, EnvelopeMediaType> = new Map([
  ['jws', 'application/jose+json'],
  ['cose', 'application/cose'],
]);
const INDEX_WARNING =
  'Removal of outdated referrers index from remote registry failed. Garbage collection may be required.';

/** `sign` */
export async function run(context: CommandContext): Promise<void> {
  const { io, flags, log, printer } = context;
  refuseTimestamping(context);
  const signer = await loadSelectedSigner(context);
  const name = readArtifactName(context);
  const format = await selectedFormat(context);
  const userMetadata = keyValues(flags, 'user-metadata');
  const opened = await openTarget(context, name);
  try {
    const now = io.now();
    log('info', `Signing ${context.args[0]} as ${format}`);
    const signed = await sign(opened.target, name.version, {
      signer,
      format,
      expirySeconds: Number(flags.duration('expiry')) / NANOSECONDS_PER_SECOND,
      userMetadata,
      now: () => now,
      utcOffsetMinutes: io.zoneOffset(now.getTime()),
      signingAgent: `nv2/${VERSION}`,
      forceReferrersTag: flags.isOn('force-referrers-tag'),
      signal: io.signal,
    });
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

function refuseTimestamping({ flags }: CommandContext): void {
  if (!flags.isSet('timestamp-url')) return;
  if (flags.string('timestamp-url') === '') {
    throw usageError('timestamping: tsa url cannot be empty');
  }
  if (flags.string('timestamp-root-cert') === '') {
    throw usageError('timestamping: tsa root certificate path cannot be empty');
  }
  throw new CliError(
    'CLI_NOT_SUPPORTED',
    'flag --timestamp-url is not supported yet: timestamping is not part of this version',
    { data: { flag: 'timestamp-url' }, hint: 'sign without a timestamp' },
  );
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
  const text = configured === '' ? flags.string('signature-format') : configured;
  const format = FORMATS.get(text);
  if (format !== undefined) return format;
  throw usageError(
    `signature format "${text}" not supported\nSupported signature envelope formats are "jws" and "cose"`,
  );
}
