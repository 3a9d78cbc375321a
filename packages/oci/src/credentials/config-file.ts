import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  decodeBase64,
  decodeUtf8,
  encodeUtf8,
  type JsonObject,
  Nv2Error,
  parseJson,
} from '@nv2/core';
import { writeDurably } from '../durable-file.ts';
import { OciError } from '../errors.ts';
import { plainObject } from '../plain-json.ts';
import type { Credential } from './credential.ts';

/** What a `config.json`, of docker or notation, says of credentials. */
export interface CredentialConfig {
  readonly path: string;
  readonly credsStore: string | undefined;
  /** Helper by server address. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** Credentials in plain text by server address. */
  readonly auths: JsonObject;
  /** The whole file, to write it again. */
  readonly document: JsonObject;
}

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Reads a configuration; a file that does not exist configures nothing.
 * @throws OciError `OCI_CREDENTIAL_CONFIG_INVALID`
 */
export async function readCredentialConfig(path: string): Promise<CredentialConfig> {
  const bytes = await readIfThere(path);
  const document = bytes === undefined ? new Map() : parseObject(bytes, path);
  const credsStore = document.get('credsStore') ?? '';
  if (typeof credsStore !== 'string') throw invalid(path, 'credsStore is not a string');
  const helpers = objectAt(document, 'credHelpers', path);
  for (const helper of helpers.values()) {
    if (typeof helper !== 'string') throw invalid(path, 'credHelpers holds more than strings');
  }
  return {
    path,
    credsStore: credsStore === '' ? undefined : credsStore,
    credHelpers: helpers as ReadonlyMap<string, string>,
    auths: objectAt(document, 'auths', path),
    document,
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    // at once where it cannot block: the first turn of a thread pool costs far more than the file
    return statSync(path).isFile() ? readFileSync(path) : await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return undefined;
    throw invalid(path, `it cannot be read: ${String(code ?? cause)}`, cause);
  }
}

/** Whether the file says anything of credentials at all. */
export function configuresCredentials(config: CredentialConfig): boolean {
  return config.credsStore !== undefined || config.credHelpers.size > 0 || config.auths.size > 0;
}

/** The helper for a server address, or undefined if its credentials are in the file itself. */
export function helperFor(config: CredentialConfig, serverAddress: string): string | undefined {
  const helper = config.credHelpers.get(serverAddress);
  return helper === undefined || helper === '' ? config.credsStore : helper;
}

/** The credential in plain text of exactly this server. @throws `OCI_CREDENTIAL_CONFIG_INVALID` */
export function plainCredential(
  { auths, path }: CredentialConfig,
  serverAddress: string,
): Credential | undefined {
  const key = auths.has(serverAddress)
    ? serverAddress
    : [...auths.keys()].find((address) => hostOf(address) === serverAddress);
  if (key === undefined) return undefined;
  const entry = auths.get(key);
  if (!(entry instanceof Map)) throw invalid(path, `auths of ${key} is not an object`);
  const field = (name: string): string => {
    const value: unknown = entry.get(name) ?? '';
    if (typeof value !== 'string') throw invalid(path, `${name} of ${key} is not a string`);
    return value;
  };
  if (field('registrytoken') !== '') return { kind: 'accessToken', token: field('registrytoken') };
  if (field('identitytoken') !== '') return { kind: 'refreshToken', token: field('identitytoken') };
  if (field('auth') !== '') return decodeAuth(field('auth'), { path, key });
  if (field('username') === '' && field('password') === '') return undefined;
  return { kind: 'basic', username: field('username'), password: field('password') };
}

/** Removes the plain text credential of a server address from the file, if it is there. */
export async function erasePlainCredential(
  { auths, document, path }: CredentialConfig,
  serverAddress: string,
): Promise<void> {
  if (!auths.has(serverAddress)) return;
  const kept = new Map([...auths].filter(([address]) => address !== serverAddress));
  const plain = { ...plainObject(document), auths: plainObject(kept) };
  const bytes = encodeUtf8(JSON.stringify(plain, undefined, '\t'));
  await writeDurably(path, bytes, 0o600).catch((cause: unknown) => {
    throw invalid(path, 'it cannot be written', cause);
  });
}

function parseObject(bytes: Uint8Array, path: string): JsonObject {
  try {
    const document = parseJson(bytes, { maxBytes: MAX_CONFIG_BYTES });
    if (document instanceof Map) return document;
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalid(path, cause.message, cause);
  }
  throw invalid(path, 'it is not a JSON object');
}

function objectAt(document: JsonObject, key: string, path: string): JsonObject {
  const value = document.get(key) ?? new Map();
  if (value instanceof Map) return value;
  throw invalid(path, `${key} is not an object`);
}

// keys of old files are URLs, as in https://registry.example/v1/
function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

function decodeAuth(text: string, { path, key }: { path: string; key: string }): Credential {
  const decoded = decodeAuthText(text);
  const colon = decoded?.indexOf(':') ?? -1;
  if (decoded === undefined || colon < 0) {
    throw invalid(path, `auth of ${key} is not base64 of name:password`);
  }
  const password = decoded.slice(colon + 1).replace(/\0+$/, '');
  return { kind: 'basic', username: decoded.slice(0, colon), password };
}

function decodeAuthText(text: string): string | undefined {
  try {
    return decodeUtf8(decodeBase64(text));
  } catch (error) {
    if (error instanceof Nv2Error) return undefined;
    throw error;
  }
}

function invalid(path: string, problem: string, cause?: unknown): OciError {
  return new OciError('OCI_CREDENTIAL_CONFIG_INVALID', `cannot use ${path}: ${problem}`, {
    hint: 'correct the file, or log in again',
    cause,
    data: { path, problem },
  });
}
