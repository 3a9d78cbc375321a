import { NotaryError } from '../errors.ts';
import { decodeGoJson, goList, goStruct, goText, goTextMap, parseNamed } from './go-decode.ts';
import { type NotationPaths, notationFiles } from './paths.ts';
import { readRegularFile } from './read-file.ts';

/** notation's `config.json`. */
export interface NotationConfig {
  /** Registries, as `host[:port]`, that are spoken to over plain HTTP. */
  readonly insecureRegistries: readonly string[];
  /** The credential helper for all registries; empty if none. */
  readonly credsStore: string;
  /** Credential helpers by registry. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** `jws` or `cose`, or whatever stands in the file; empty if nothing does. */
  readonly signatureFormat: string;
}

/** A `config.json` larger than this is refused. */
export const MAX_CONFIG_BYTES: number = 1024 * 1024;

/** What an absent `config.json` says. */
export const EMPTY_CONFIG: NotationConfig = {
  insecureRegistries: [],
  credsStore: '',
  credHelpers: new Map(),
  signatureFormat: '',
};

const CONFIG_DECODER = goStruct<NotationConfig>({
  insecureRegistries: goList(goText, ''),
  credsStore: goText,
  credHelpers: goTextMap,
  signatureFormat: goText,
});

/** Reads the bytes of a `config.json`. @throws NotaryError `NOTARY_CONFIG_MALFORMED` */
export function parseNotationConfig(bytes: Uint8Array): NotationConfig {
  return decodeGoJson(bytes, CONFIG_DECODER, {
    code: 'NOTARY_CONFIG_MALFORMED',
    maxBytes: MAX_CONFIG_BYTES,
    zero: EMPTY_CONFIG,
    allowTrailingData: true,
  }).value;
}

/**
 * Loads `config.json`; {@link EMPTY_CONFIG} where it does not exist.
 *
 * @throws NotaryError `NOTARY_CONFIG_MALFORMED`, `NOTARY_FILE_*`
 */
export async function loadNotationConfig(paths: NotationPaths): Promise<NotationConfig> {
  const { configFile } = notationFiles(paths);
  try {
    const options = { subject: 'config.json', maxBytes: MAX_CONFIG_BYTES } as const;
    const bytes = await readRegularFile(configFile, options);
    return parseNamed(configFile, () => parseNotationConfig(bytes));
  } catch (cause) {
    if (cause instanceof NotaryError && cause.code === 'NOTARY_FILE_NOT_FOUND') return EMPTY_CONFIG;
    throw cause;
  }
}

/** Whether a registry is listed as insecure: equal as a whole, without regard to case. */
export function isInsecureRegistry(config: NotationConfig, registry: string): boolean {
  const wanted = registry.toLowerCase();
  return config.insecureRegistries.some((listed) => listed.toLowerCase() === wanted);
}
