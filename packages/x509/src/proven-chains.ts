import { type CryptoPort, equalBytes } from '@nv2/core';
import type { Certificate } from './certificate.ts';

/** How many chains are remembered for each {@link CryptoPort}. */
const MAX_CHAINS = 128;

/** Octets at the end of a certificate, which are of its signature: enough to find it again. */
const TAIL = 8;

const NOTHING = new Uint8Array();

/** By the ends of their certificates; without octets where a chain was met but once. */
const PROVEN = new WeakMap<CryptoPort, Map<string, readonly Uint8Array[] | undefined>>();

/**
 * Calls `prove`, which throws unless the signatures of a chain hold, except where it has done so for
 * these very certificates, octet for octet. That their signatures hold depends on nothing else, and
 * who verifies much meets the same signers again and again; every other rule of a chain is for the
 * caller to check each time.
 *
 * A chain that is met for the first time leaves no more than a few characters: most are met once, or
 * again at once.
 */
export async function proveOnce(
  chain: readonly Certificate[],
  crypto: CryptoPort,
  prove: () => Promise<void>,
): Promise<void> {
  const name = nameOf(chain);
  const chains = PROVEN.get(crypto) ?? new Map<string, readonly Uint8Array[] | undefined>();
  const known = chains.get(name);
  const isKnown = known !== undefined && isSame(known, chain);
  // before anything is awaited: what is remembered is what will have been proven
  const octets = isKnown ? known : chains.has(name) ? copyOf(chain) : undefined;
  if (!isKnown) await prove();
  PROVEN.set(crypto, chains);
  // the longest unused is forgotten first
  chains.delete(name);
  chains.set(name, octets);
  const [oldest] = chains.keys();
  if (chains.size > MAX_CHAINS && oldest !== undefined) chains.delete(oldest);
}

/** Not `slice`, which gives no copy of a Buffer. */
function copyOf(chain: readonly Certificate[]): readonly Uint8Array[] {
  return chain.map(({ der }) => new Uint8Array(der));
}

function isSame(known: readonly Uint8Array[], chain: readonly Certificate[]): boolean {
  if (known.length !== chain.length) return false;
  return known.every((der, i) => equalBytes(der, chain[i]?.der ?? NOTHING));
}

function nameOf(chain: readonly Certificate[]): string {
  let name = '';
  for (const { der } of chain) name += String.fromCharCode(...der.subarray(-TAIL));
  return name;
}
