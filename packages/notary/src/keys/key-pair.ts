import { type CryptoPort, Nv2Error } from '@nv2/core';
import { localSigner, type Signer } from '@nv2/envelope';
import type { Certificate } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { readRegularFile } from '../files/read-file.ts';
import type { PluginConfig } from '../plugin/contract.ts';
import type { PluginFinder } from '../plugin/directory.ts';
import { pluginSigner } from '../plugin/signer.ts';
import type { EnvelopeSource } from '../sign-envelope.ts';
import { MAX_CERTIFICATE_FILE_BYTES, readCertificates } from '../truststore/read-certificates.ts';
import type { PassphraseSource } from './encrypted-key.ts';
import { parsePrivateKey } from './private-key.ts';
import type { LocalSigningKey, PluginSigningKey, SigningKey } from './signing-keys.ts';

/** A private key file larger than this is refused. */
export const MAX_KEY_FILE_BYTES: number = 1024 * 1024;

/** Where a key pair is. */
export interface KeyPairPaths {
  readonly keyPath: string;
  /** The certificate chain, leaf first. */
  readonly certPath: string;
}

/** How a private key is read. */
export interface KeyPairOptions {
  readonly crypto?: CryptoPort;
  /** Of an encrypted key. */
  readonly passphrase?: PassphraseSource;
}

/** A key pair as octets, and what errors call its parts. */
export interface KeyPairContents {
  /** PEM. */
  readonly key: Uint8Array;
  /** PEM or DER, leaf first. */
  readonly chain: Uint8Array;
  readonly names: KeyPairPaths;
}

/**
 * A signer from a PEM key file and a PEM or DER file with its certificate chain. The key belongs to
 * the first certificate. Symbolic links are followed, as the reference does for these two files.
 *
 * @throws NotaryError as {@link readKeyPair}, `NOTARY_FILE_*`
 */
export async function loadKeyPair(
  paths: KeyPairPaths,
  options: KeyPairOptions = {},
): Promise<Signer> {
  const chain = await readRegularFile(paths.certPath, {
    subject: 'certificate',
    maxBytes: MAX_CERTIFICATE_FILE_BYTES,
    followLinks: true,
  });
  const key = await readRegularFile(paths.keyPath, {
    subject: 'private key',
    maxBytes: MAX_KEY_FILE_BYTES,
    followLinks: true,
  });
  return readKeyPair({ key, chain, names: paths }, options);
}

/**
 * As {@link loadKeyPair}, from octets.
 *
 * @throws NotaryError `NOTARY_KEY_INVALID`, `NOTARY_KEY_PASSPHRASE`,
 *   `NOTARY_KEY_CERTIFICATE_INVALID`, `NOTARY_KEY_MISMATCH`; EnvelopeError `ENVELOPE_KEY_UNSUPPORTED`
 */
export async function readKeyPair(
  { key: pem, chain: certificates, names }: KeyPairContents,
  options: KeyPairOptions = {},
): Promise<Signer> {
  const chain = chainFrom(certificates, names.certPath);
  const key = await parsePrivateKey(pem, options).catch((cause: unknown) => {
    throw isAboutKey(cause) ? badKey(names, cause) : cause;
  });
  try {
    return localSigner(key, chain);
  } catch (cause) {
    if (!(cause instanceof Nv2Error) || cause.code !== 'ENVELOPE_KEY_MISMATCH') throw cause;
    throw mismatch(names, cause);
  }
}

// Not so what keeps the passphrase from being read.
function isAboutKey(error: unknown): error is NotaryError {
  return (
    error instanceof NotaryError &&
    (error.code === 'NOTARY_KEY_INVALID' || error.code === 'NOTARY_KEY_PASSPHRASE')
  );
}

/** How the signer of a listed key is found. */
export interface LoadSignerOptions extends KeyPairOptions {
  /** Where plugins are. Without it, keys in plugins cannot be used. */
  readonly plugins?: PluginFinder;
  /** For the plugin of the key, over the settings that are listed with it. */
  readonly pluginConfig?: PluginConfig;
  /** What is to be signed. Default `artifact`. */
  readonly purpose?: 'artifact' | 'blob';
  readonly signal?: AbortSignal;
}

/**
 * The signer of a listed key.
 *
 * @throws NotaryError `NOTARY_KEY_INCOMPLETE`, `NOTARY_KEY_PLUGIN_UNSUPPORTED`, and as
 *   {@link loadKeyPair}; the errors of the plugin
 */
export async function loadSigner(
  key: SigningKey,
  options: LoadSignerOptions = {},
): Promise<EnvelopeSource> {
  const { plugins, pluginConfig = [], crypto, passphrase, ...rest } = options;
  if (key.kind === 'local') {
    if (key.keyPath === '' || key.certPath === '') throw incomplete(key);
    return loadKeyPair(key, { ...(crypto && { crypto }), ...(passphrase && { passphrase }) });
  }
  if (plugins === undefined) throw noPlugins(key);
  const plugin = await plugins.find(key.pluginName);
  const merged = new Map([...key.pluginConfig, ...pluginConfig]);
  return pluginSigner(plugin, { ...rest, keyId: key.id, pluginConfig: merged });
}

function incomplete({ name, keyPath, certPath }: LocalSigningKey): NotaryError {
  const missing = keyPath === '' ? 'key file' : 'certificate file';
  const lacks = keyPath + certPath === '' ? 'neither files nor a plugin' : `no ${missing}`;
  return new NotaryError('NOTARY_KEY_INCOMPLETE', `the signing key ${name} names ${lacks}`, {
    data: { name, keyPath, certPath },
    hint: 'take it off the list with "nv2 key delete", and add it again with all that it needs',
  });
}

function noPlugins({ name, pluginName }: PluginSigningKey): NotaryError {
  return new NotaryError(
    'NOTARY_KEY_PLUGIN_UNSUPPORTED',
    `the key ${name} is in the plugin ${pluginName}, and no plugins are at hand`,
    { data: { name, pluginName }, hint: 'sign with a key that is held in files' },
  );
}

function chainFrom(bytes: Uint8Array, certPath: string): readonly Certificate[] {
  try {
    return readCertificates(bytes, certPath);
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw badChain(certPath, cause);
  }
}

function badChain(certPath: string, cause: NotaryError): NotaryError {
  return new NotaryError('NOTARY_KEY_CERTIFICATE_INVALID', cause.message, {
    cause,
    data: { certPath },
    hint: 'give the certificate chain in PEM form, the signing certificate first',
  });
}

function badKey({ keyPath }: KeyPairPaths, cause: NotaryError): NotaryError {
  const { code, message, data, hint } = cause;
  return new NotaryError(code, `${keyPath}: ${message}`, {
    cause,
    data: { ...data, keyPath },
    hint,
  });
}

function mismatch({ keyPath, certPath }: KeyPairPaths, cause: unknown): NotaryError {
  return new NotaryError(
    'NOTARY_KEY_MISMATCH',
    `the private key in ${keyPath} does not belong to the first certificate in ${certPath}`,
    {
      cause,
      data: { keyPath, certPath },
      hint: 'put the certificate that was issued for this key first in the chain',
    },
  );
}
