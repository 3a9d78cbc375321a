import { concatBytes } from '../bytes.ts';
import { encodeHex } from '../encodings.ts';
import { HASH_OCTETS } from './keys.ts';
import type { HashName } from './port.ts';
import type { RsaPublicKey } from './public-key.ts';

type DigestFunction = (hash: HashName, data: Uint8Array) => Promise<Uint8Array>;

/**
 * How many octets of salt an RSASSA-PSS signature value carries; undefined if it is not one. For
 * providers that verify with a stated salt length only: the signature still is to be verified by
 * them, with this length. Everything here is public, so that timing tells nothing.
 * @see RFC 8017 8.1.2 and 9.1.2
 */
export async function recoverPssSaltLength(
  key: RsaPublicKey,
  hash: HashName,
  input: { readonly signature: Uint8Array; readonly digest: DigestFunction },
): Promise<number | undefined> {
  const { signature, digest } = input;
  const hashOctets = HASH_OCTETS[hash];
  const emBits = key.modulusBits - 1;
  const emOctets = Math.ceil(emBits / 8);
  // RFC 8017 8.1.2 step 2: RSAVP1 and I2OSP
  const encoded = rsaPublicOperation(key, signature, emOctets);
  // RFC 8017 9.1.2 step 4
  if (encoded === undefined || encoded.at(-1) !== 0xbc) return undefined;
  // Step 5
  const dbOctets = emOctets - hashOctets - 1;
  const maskedDb = encoded.subarray(0, dbOctets);
  const seed = encoded.subarray(dbOctets, dbOctets + hashOctets);
  // Step 6
  const topMask = 0xff >> (8 * emOctets - emBits);
  if (((maskedDb[0] ?? 0) & ~topMask) !== 0) return undefined;
  // Steps 7 to 9
  const mask = await mgf1(seed, dbOctets, (data) => digest(hash, data));
  const db = maskedDb.map((octet, i) => octet ^ (mask[i] ?? 0));
  db[0] = (db[0] ?? 0) & topMask;
  // Step 10, with the salt length as the unknown
  const separator = db.findIndex((octet) => octet !== 0);
  return db[separator] === 1 ? dbOctets - separator - 1 : undefined;
}

/** RFC 8017 5.2.2; undefined where the signature or what it opens to is out of range. */
function rsaPublicOperation(
  key: RsaPublicKey,
  signature: Uint8Array,
  octets: number,
): Uint8Array | undefined {
  const modulus = toBigInt(key.modulus);
  const representative = toBigInt(signature);
  if (representative >= modulus) return undefined;
  const hex = modularPower(representative, key.exponent, modulus).toString(16);
  if (hex.length > 2 * octets) return undefined;
  const padded = hex.padStart(2 * octets, '0');
  return Uint8Array.from({ length: octets }, (_, i) =>
    Number.parseInt(padded.slice(2 * i, 2 * i + 2), 16),
  );
}

function toBigInt(octets: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(octets)}`);
}

/** Square and multiply; the exponent has at most 31 bits. */
function modularPower(base: bigint, exponent: number, modulus: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0; rest >>>= 1) {
    if (rest & 1) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The mask generation function of RFC 8017 B.2.1. */
async function mgf1(
  seed: Uint8Array,
  octets: number,
  digest: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  for (let length = 0, counter = 0; length < octets; counter++) {
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, counter);
    const block = await digest(concatBytes(seed, count));
    blocks.push(block);
    length += block.length;
  }
  return concatBytes(...blocks).subarray(0, octets);
}
