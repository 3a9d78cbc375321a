import { type CryptoPort, defaultCrypto, equalBytes } from '@nv2/core';
import { type Certificate, parseCertificateChain, readCertificateChain } from './certificate.ts';

/** How many chains are remembered for each {@link CryptoPort}. */
const MAX_CHAINS = 128;

/** Octets at the end of a certificate, which are of its signature: enough to find it again. */
const TAIL = 8;

const NOTHING = new Uint8Array();

/** A chain whose signatures hold. */
interface ProvenChain {
  /** Copies that nobody else has. */
  readonly octets: readonly Uint8Array[];
  readonly certificates: readonly Certificate[];
}

/** By the ends of their certificates; without a chain where it was met but once. */
const PROVEN = new WeakMap<CryptoPort, Map<number, ProvenChain | undefined>>();

/**
 * As {@link parseCertificateChain}, but of these very octets, which nobody is to write into any more;
 * and gives the certificates of a chain that {@link proveOnce} remembers as they were read before: the
 * octets are the same, so is what they say.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, `data.index` is that of the certificate
 */
export function parseKnownChain(
  ders: readonly Uint8Array[],
  crypto: CryptoPort = defaultCrypto,
): readonly Certificate[] {
  const known = PROVEN.get(crypto)?.get(nameOf(ders))?.certificates;
  // with what they are now, should someone have written into them
  return known && isSame(known.map(derOf), ders) ? known : readCertificateChain(ders);
}

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
  const ders = chain.map(derOf);
  const name = nameOf(ders);
  const chains = PROVEN.get(crypto) ?? new Map<number, ProvenChain | undefined>();
  const known = chains.get(name);
  const isKnown = known !== undefined && isSame(known.octets, ders);
  // before anything is awaited: what is remembered is what will have been proven
  const proven = isKnown ? known : chains.has(name) ? remembered(ders) : undefined;
  if (!isKnown) await prove();
  PROVEN.set(crypto, chains);
  // the longest unused is forgotten first
  chains.delete(name);
  chains.set(name, proven);
  const [oldest] = chains.keys();
  if (chains.size > MAX_CHAINS && oldest !== undefined) chains.delete(oldest);
}

/** Read from the octets alone: whatever else a caller has put into its objects stays there. */
function remembered(ders: readonly Uint8Array[]): ProvenChain {
  // not `slice`, which gives no copy of a Buffer
  const octets = ders.map((der) => new Uint8Array(der));
  return { octets, certificates: parseCertificateChain(octets).map(frozen) };
}

/** Whoever is given it too writes into nothing that it says; of octets it is seen that they changed. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

function derOf({ der }: Certificate): Uint8Array {
  return der;
}

function isSame(known: readonly Uint8Array[], ders: readonly Uint8Array[]): boolean {
  if (known.length !== ders.length) return false;
  return known.every((der, i) => equalBytes(der, ders[i] ?? NOTHING));
}

/** A hash (FNV-1a, 32 bits) of the last octets of each; whether they are the same is seen elsewhere. */
function nameOf(ders: readonly Uint8Array[]): number {
  let name = 0x811c9dc5;
  for (const der of ders) {
    for (let at = Math.max(der.length - TAIL, 0); at < der.length; at++) {
      name = Math.imul(name ^ (der[at] ?? 0), 0x01000193);
    }
  }
  return name;
}
