import { join } from 'node:path';

/** notation's directories, absolute. Whoever can write to `config` decides whom nv2 trusts. */
export interface NotationPaths {
  /** Configuration, trust store, trust policy, signing keys. */
  readonly config: string;
  /** Plugins. */
  readonly libexec: string;
  /** Downloaded certificate revocation lists. */
  readonly cache: string;
}

/** Every file and directory that notation keeps below {@link NotationPaths}. */
export interface NotationFiles {
  readonly configFile: string;
  readonly signingKeys: string;
  readonly localKeys: string;
  readonly ociTrustPolicy: string;
  /** Read where `ociTrustPolicy` is absent; deprecated. */
  readonly legacyTrustPolicy: string;
  readonly blobTrustPolicy: string;
  /** nv2's own: what is not accepted whatever signatures say. */
  readonly denials: string;
  /** Holds `<type>/<store>/<file>`. */
  readonly trustStore: string;
  /** Holds `<name>/notation-<name>`. */
  readonly plugins: string;
  readonly crlCache: string;
}

/** The name of the file of the policy about blobs. */
export const BLOB_POLICY_FILE = 'trustpolicy.blob.json';

/** The names of the file of the policy about images: the one that counts, and the deprecated one. */
export const IMAGE_POLICY_FILES = ['trustpolicy.oci.json', 'trustpolicy.json'] as const;

/** Where notation keeps what. */
export function notationFiles(paths: NotationPaths): NotationFiles {
  const [ociTrustPolicy, legacyTrustPolicy] = IMAGE_POLICY_FILES;
  return {
    configFile: join(paths.config, 'config.json'),
    signingKeys: join(paths.config, 'signingkeys.json'),
    localKeys: join(paths.config, 'localkeys'),
    ociTrustPolicy: join(paths.config, ociTrustPolicy),
    legacyTrustPolicy: join(paths.config, legacyTrustPolicy),
    blobTrustPolicy: join(paths.config, BLOB_POLICY_FILE),
    denials: join(paths.config, 'denials.json'),
    trustStore: join(paths.config, 'truststore', 'x509'),
    plugins: join(paths.libexec, 'plugins'),
    crlCache: join(paths.cache, 'crl'),
  };
}
