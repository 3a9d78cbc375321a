import { encodeUtf8 } from '@nv2/core';
import { type TrustStoreReference, trustStoresOf, type VerifyOptions } from '@nv2/notary';
import { digestOf } from '@nv2/oci';
import { VERSION } from '../version.ts';

/**
 * SHA-256 over everything by which verdicts are reached but the clock, the registries, and the services and
 * plugins that are asked: this version, the statements, the certificates in their trust stores, their kept answers
 * about revocation, the denial list, the flags.
 */
export async function policyHash(options: VerifyOptions): Promise<string> {
  const { policy, trustStore, denials, userMetadata, pluginConfig, maxSignatures } = options;
  const { offlineRevocation } = options;
  const { statements } = policy;
  const named = statements.flatMap(trustStoresOf);
  const stores = new Map<string, readonly string[]>();
  for (const store of named) {
    stores.set(`${store.type}:${store.name}`, await fingerprints(store, trustStore));
  }
  const kept = new Map<string, string>();
  for (const { revocation } of statements) {
    const directory = revocation?.offline?.directory;
    if (directory !== undefined) kept.set(directory, await contents(directory, offlineRevocation));
  }
  const decisive = {
    version: VERSION,
    statements,
    stores,
    kept,
    denials,
    userMetadata,
    pluginConfig,
    maxSignatures,
  };
  return digestOf(encodeUtf8(JSON.stringify(decisive, plain)));
}

// A store that cannot be read decides in its own way, until it can be.
async function fingerprints(
  { type, name }: TrustStoreReference,
  trustStore: VerifyOptions['trustStore'],
): Promise<readonly string[]> {
  try {
    const certificates = await trustStore.certificates(type, name);
    return certificates.map(({ der }) => digestOf(der)).toSorted();
  } catch (error) {
    return ['unreadable', String(error)];
  }
}

async function contents(
  directory: string,
  offlineRevocation: VerifyOptions['offlineRevocation'],
): Promise<string> {
  try {
    return (await offlineRevocation?.summary(directory))?.digest ?? 'not read';
  } catch (error) {
    return `unreadable ${String(error)}`;
  }
}

function plain(_: string, value: unknown): unknown {
  return value instanceof Map || value instanceof Set ? [...value] : value;
}
