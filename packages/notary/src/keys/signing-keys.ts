import { NotaryError } from '../errors.ts';

/** A signing key as `signingkeys.json` lists it. */
export type SigningKey = LocalSigningKey | PluginSigningKey;

/** A key and certificate chain in PEM files. */
export interface LocalSigningKey {
  readonly kind: 'local';
  readonly name: string;
  readonly keyPath: string;
  readonly certPath: string;
}

/** A key that a plugin signs with. */
export interface PluginSigningKey {
  readonly kind: 'plugin';
  readonly name: string;
  readonly id: string;
  readonly pluginName: string;
  readonly pluginConfig: ReadonlyMap<string, string>;
}

/** The signing keys: names are unique and not empty, the default is one of them. */
export interface SigningKeys {
  readonly default?: string | undefined;
  readonly keys: readonly SigningKey[];
}

/** The keys of someone who has none yet. */
export const NO_SIGNING_KEYS: SigningKeys = { keys: [] };

/** The rules of `signingkeys.json`, named by `data.rule` of `NOTARY_KEYS_MALFORMED`. */
export type SigningKeysRule =
  | 'json'
  | 'name-empty'
  | 'name-duplicate'
  | 'default-empty'
  | 'default-unknown';

/**
 * Checks what holds of every {@link SigningKeys}.
 *
 * @throws NotaryError `NOTARY_KEYS_MALFORMED`
 */
export function assertSigningKeys(signingKeys: SigningKeys): void {
  const names = new Set<string>();
  for (const { name } of signingKeys.keys) {
    if (name === '') throw malformed('name-empty', 'a key name is empty');
    if (names.has(name)) throw malformed('name-duplicate', `several keys are named ${name}`, name);
    names.add(name);
  }
  const chosen = signingKeys.default;
  if (chosen === undefined) return;
  if (chosen === '') throw malformed('default-empty', 'the default key name is empty');
  if (!names.has(chosen)) {
    throw malformed('default-unknown', `the default key ${chosen} is not listed`, chosen);
  }
}

/** The keys with one more. @throws NotaryError `NOTARY_KEY_NAME_EMPTY`, `NOTARY_KEY_EXISTS` */
export function addSigningKey(
  signingKeys: SigningKeys,
  key: SigningKey,
  options: { readonly markDefault?: boolean } = {},
): SigningKeys {
  assertKeyName(key.name);
  if (key.kind === 'plugin' && key.id === '') {
    throw new NotaryError('NOTARY_KEY_NAME_EMPTY', 'the key id is empty', {
      data: { field: 'id' },
    });
  }
  if (key.kind === 'plugin' && key.pluginName === '') {
    throw new NotaryError('NOTARY_KEY_NAME_EMPTY', 'the plugin name is empty', {
      data: { field: 'pluginName' },
    });
  }
  if (signingKeys.keys.some(({ name }) => name === key.name)) {
    throw new NotaryError('NOTARY_KEY_EXISTS', `a signing key named ${key.name} exists already`, {
      data: { name: key.name },
      hint: 'delete the key first, or choose another name',
    });
  }
  const keys = [...signingKeys.keys, key];
  return options.markDefault === true
    ? { default: key.name, keys }
    : { default: signingKeys.default, keys };
}

/** The key of that name. @throws NotaryError `NOTARY_KEY_NAME_EMPTY`, `NOTARY_KEY_NOT_FOUND` */
export function getSigningKey(signingKeys: SigningKeys, name: string): SigningKey {
  assertKeyName(name);
  const key = signingKeys.keys.find((candidate) => candidate.name === name);
  if (key === undefined) {
    throw new NotaryError('NOTARY_KEY_NOT_FOUND', `no signing key is named ${name}`, {
      data: { name },
      hint: 'list the signing keys with "nv2 key list"',
    });
  }
  return key;
}

/** The default key. @throws NotaryError `NOTARY_KEY_NO_DEFAULT` */
export function getDefaultSigningKey(signingKeys: SigningKeys): SigningKey {
  if (signingKeys.default === undefined) {
    throw new NotaryError('NOTARY_KEY_NO_DEFAULT', 'no default signing key is set', {
      hint: 'name a key with --key, or its files with --key-file and --cert-file; "nv2 key update --default NAME" makes one of the list the default',
    });
  }
  return getSigningKey(signingKeys, signingKeys.default);
}

/** The keys with another default. @throws NotaryError as {@link getSigningKey} */
export function setDefaultSigningKey(signingKeys: SigningKeys, name: string): SigningKeys {
  getSigningKey(signingKeys, name);
  return { ...signingKeys, default: name };
}

/** The keys without one; without default if it was the default. @throws as {@link getSigningKey} */
export function removeSigningKey(signingKeys: SigningKeys, name: string): SigningKeys {
  getSigningKey(signingKeys, name);
  return {
    default: signingKeys.default === name ? undefined : signingKeys.default,
    keys: signingKeys.keys.filter((key) => key.name !== name),
  };
}

function assertKeyName(name: string): void {
  if (name !== '') return;
  throw new NotaryError('NOTARY_KEY_NAME_EMPTY', 'the key name is empty', {
    data: { field: 'name' },
    hint: 'give the key a name',
  });
}

function malformed(rule: SigningKeysRule, message: string, name?: string): NotaryError {
  return new NotaryError('NOTARY_KEYS_MALFORMED', `malformed signingkeys.json: ${message}`, {
    data: { rule, ...(name !== undefined && { name }) },
    hint: 'correct signingkeys.json',
  });
}
