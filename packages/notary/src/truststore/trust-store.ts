import type { Certificate } from '@nv2/x509';
import { NotaryError } from '../errors.ts';

/** The types of trust stores, in the order in which they are listed. */
export const TRUST_STORE_TYPES = ['ca', 'signingAuthority', 'tsa'] as const;

/** `ca` for the scheme notary.x509, `signingAuthority` for its namesake, `tsa` for timestamps. */
export type TrustStoreType = (typeof TRUST_STORE_TYPES)[number];

/** A trust store as a policy names it: `type:name`. */
export interface TrustStoreReference {
  readonly type: TrustStoreType;
  readonly name: string;
}

/** Where trusted certificates come from. Whoever can write there decides whom nv2 trusts. */
export interface TrustStore {
  /**
   * The certificates of a named store, at least one, each fit to be a trust anchor.
   * @param options its signal ends a wait for whoever holds the store
   * @throws NotaryError `NOTARY_TRUST_STORE_*`, `NOTARY_CERTIFICATE_*`
   */
  certificates(
    type: TrustStoreType,
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Certificate[]>;
}

/** Whether text is a type of trust store. */
export function isTrustStoreType(text: string): text is TrustStoreType {
  return (TRUST_STORE_TYPES as readonly string[]).includes(text);
}

/** Whether text may name a trust store or a file in one: one path segment, no traversal. */
export function isTrustStoreName(text: string): boolean {
  return /^[a-zA-Z0-9_.-]+$/.test(text) && text !== '.' && text !== '..';
}

/** The store as a policy writes it. */
export function formatTrustStore(store: TrustStoreReference): string {
  return `${store.type}:${store.name}`;
}

/**
 * A trust store held in memory, keyed by `type:name`. The certificates are taken as they are: they
 * are not checked to be fit as anchors.
 */
export function memoryTrustStore(
  stores: Readonly<Record<string, readonly Certificate[]>>,
): TrustStore {
  const held = new Map(Object.entries(stores));
  return {
    certificates: async (type, name) => {
      const certificates = held.get(`${type}:${name}`);
      if (certificates === undefined) throw trustStoreNotFound({ type, name });
      if (certificates.length === 0) throw trustStoreEmpty({ type, name });
      return certificates;
    },
  };
}

/**
 * The same trust store, each named store read once; a failure is not kept. Who asks first may end
 * the reading for whoever waits for it too.
 */
export function rememberedTrustStore(trustStore: TrustStore): TrustStore {
  const kept = new Map<string, Promise<readonly Certificate[]>>();
  return {
    certificates: (type, name, options) => {
      const key = formatTrustStore({ type, name });
      const known = kept.get(key);
      if (known !== undefined) return known;
      const reading = trustStore.certificates(type, name, options);
      kept.set(key, reading);
      reading.catch(() => kept.delete(key));
      return reading;
    },
  };
}

/** The error for a store that is not there, in the directory where it was looked for. */
export function trustStoreNotFound(
  { type, name }: TrustStoreReference,
  options: {
    readonly cause?: unknown;
    readonly path?: string;
    readonly hint?: string | undefined;
  } = {},
): NotaryError {
  const { cause, path, hint = fillHint(path) } = options;
  const at = path === undefined ? '' : `: there is no directory ${path}`;
  return new NotaryError(
    'NOTARY_TRUST_STORE_NOT_FOUND',
    `the trust store ${name} of type ${type} does not exist${at}`,
    { cause, data: { type, name, ...(path !== undefined && { path }) }, hint },
  );
}

/** The error for a store without certificates. */
export function trustStoreEmpty(
  { type, name }: TrustStoreReference,
  { path }: { readonly path?: string } = {},
): NotaryError {
  return new NotaryError(
    'NOTARY_TRUST_STORE_EMPTY',
    `the trust store ${name} of type ${type}${path === undefined ? '' : ` at ${path}`} holds no certificate`,
    { data: { type, name, ...(path !== undefined && { path }) }, hint: fillHint(path) },
  );
}

// "cert add" knows the configured stores alone
function fillHint(path: string | undefined): string {
  const hint = 'add the trusted certificates to it with "nv2 cert add"';
  return path === undefined ? hint : `${hint}, or put their files into ${path}`;
}
