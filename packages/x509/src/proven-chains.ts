import { type CryptoPort, equalBytes } from '@nv2/core';
import type { Certificate } from './certificate.ts';

/** How many chains are remembered for each {@link CryptoPort}. */
const MAX_CHAINS = 128;

/** Octets at the end of a certificate, which are of its signature: enough to find it again. */
const TAIL = 8;

/** By the ends of their certificates; without octets where a chain was met but once. */
const PROVEN = new WeakMap<CryptoPort, Map<string, readonly Uint8Array[] | undefined>>();

/**
 * Whether these very certificates were handed to {@link rememberProven} before, octet for octet.
 * That their signatures hold depends on nothing but these octets, and who verifies much meets the
 * same signers again and again; every other rule of a chain is checked anew each time.
 */
export function isProven(chain: readonly Certificate[], crypto: CryptoPort): boolean {
  const chains = PROVEN.get(crypto);
  const name = nameOf(chain);
  const known = chains?.get(name);
  if (chains === undefined || known?.length !== chain.length) return false;
  if (!chain.every(({ der }, i) => equalBytes(der, known[i] ?? new Uint8Array()))) return false;
  // the longest unused is forgotten first
  chains.delete(name);
  chains.set(name, known);
  return true;
}

/**
 * Remembers that the signatures of a chain hold, according to `crypto`. A chain that is met for the
 * first time leaves no more than a few characters: most are met once, or again at once.
 */
export function rememberProven(chain: readonly Certificate[], crypto: CryptoPort): void {
  const chains = PROVEN.get(crypto) ?? new Map<string, readonly Uint8Array[] | undefined>();
  PROVEN.set(crypto, chains);
  const name = nameOf(chain);
  const again = chains.delete(name);
  chains.set(name, again ? chain.map(({ der }) => der.slice()) : undefined);
  const [oldest] = chains.keys();
  if (chains.size > MAX_CHAINS && oldest !== undefined) chains.delete(oldest);
}

function nameOf(chain: readonly Certificate[]): string {
  let name = '';
  for (const { der } of chain) name += String.fromCharCode(...der.subarray(-TAIL));
  return name;
}
