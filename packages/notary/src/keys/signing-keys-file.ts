import { encodeUtf8 } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import {
  type Decoder,
  decodeGoJson,
  goList,
  goOptionalText,
  goStruct,
  goText,
  goTextMap,
  parseNamed,
} from '../files/go-decode.ts';
import { type NotationPaths, notationFiles } from '../files/paths.ts';
import { readRegularFile } from '../files/read-file.ts';
import { writeFileAtomic } from '../files/write-file.ts';
import {
  assertSigningKeys,
  NO_SIGNING_KEYS,
  type SigningKey,
  type SigningKeys,
} from './signing-keys.ts';

/** A `signingkeys.json` larger than this is refused. */
export const MAX_SIGNING_KEYS_BYTES: number = 4 * 1024 * 1024;

interface RawKey {
  readonly name: string;
  readonly keyPath: string;
  readonly certPath: string;
  readonly id: string;
  readonly pluginName: string;
  readonly pluginConfig: ReadonlyMap<string, string>;
}

interface RawKeys {
  readonly default: string | undefined;
  readonly keys: readonly RawKey[];
}

const ZERO_KEY: RawKey = {
  name: '',
  keyPath: '',
  certPath: '',
  id: '',
  pluginName: '',
  pluginConfig: new Map(),
};

const KEYS_DECODER: Decoder<RawKeys> = goStruct<RawKeys>({
  default: goOptionalText,
  keys: goList(
    goStruct<RawKey>({
      name: goText,
      keyPath: goText,
      certPath: goText,
      id: goText,
      pluginName: goText,
      pluginConfig: goTextMap,
    }),
    ZERO_KEY,
  ),
});

/** Reads the bytes of a `signingkeys.json`. @throws NotaryError `NOTARY_KEYS_MALFORMED` */
export function parseSigningKeys(bytes: Uint8Array): SigningKeys {
  const { value } = decodeGoJson(bytes, KEYS_DECODER, {
    code: 'NOTARY_KEYS_MALFORMED',
    maxBytes: MAX_SIGNING_KEYS_BYTES,
    zero: { default: undefined, keys: [] },
    allowTrailingData: true,
  });
  const signingKeys = { default: value.default, keys: value.keys.map(toSigningKey) };
  assertSigningKeys(signingKeys);
  return signingKeys;
}

/** The bytes of a `signingkeys.json` as the reference writes them: four blanks, a final newline. */
export function encodeSigningKeys(signingKeys: SigningKeys): Uint8Array {
  const document = { default: signingKeys.default, keys: signingKeys.keys.map(toDocument) };
  return encodeUtf8(`${escapeHtml(JSON.stringify(document, undefined, 4))}\n`);
}

/**
 * Loads the signing keys; none where `signingkeys.json` does not exist.
 *
 * @throws NotaryError `NOTARY_KEYS_MALFORMED`, `NOTARY_FILE_*`
 */
export async function loadSigningKeys(paths: NotationPaths): Promise<SigningKeys> {
  const { signingKeys } = notationFiles(paths);
  try {
    const options = { subject: 'signingkeys.json', maxBytes: MAX_SIGNING_KEYS_BYTES } as const;
    const bytes = await readRegularFile(signingKeys, options);
    return parseNamed(signingKeys, () => parseSigningKeys(bytes));
  } catch (cause) {
    if (cause instanceof NotaryError && cause.code === 'NOTARY_FILE_NOT_FOUND') {
      return NO_SIGNING_KEYS;
    }
    throw cause;
  }
}

/**
 * Replaces `signingkeys.json` in one step.
 *
 * @throws NotaryError `NOTARY_KEYS_MALFORMED`, `NOTARY_FILE_*`
 */
export async function saveSigningKeys(
  paths: NotationPaths,
  signingKeys: SigningKeys,
): Promise<void> {
  assertSigningKeys(signingKeys);
  await writeFileAtomic(notationFiles(paths).signingKeys, encodeSigningKeys(signingKeys), {
    subject: 'signingkeys.json',
  });
}

function toSigningKey(raw: RawKey): SigningKey {
  const { name, keyPath, certPath, id, pluginName, pluginConfig } = raw;
  return keyPath === '' && (id !== '' || pluginName !== '')
    ? { kind: 'plugin', name, id, pluginName, pluginConfig }
    : { kind: 'local', name, keyPath, certPath };
}

function toDocument(key: SigningKey): Readonly<Record<string, unknown>> {
  if (key.kind === 'local') {
    return {
      name: key.name,
      keyPath: key.keyPath || undefined,
      certPath: key.certPath || undefined,
    };
  }
  const config = [...key.pluginConfig].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: key.name,
    id: key.id || undefined,
    pluginName: key.pluginName || undefined,
    pluginConfig: config.length === 0 ? undefined : Object.fromEntries(config),
  };
}

// Go's encoder writes these as escapes; readers see the same text.
function escapeHtml(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
