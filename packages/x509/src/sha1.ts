/**
 * SHA-1 (FIPS 180-4 6.1). Only where a protocol names a certificate by it (ESSCertID of RFC 2634,
 * CertID of RFC 6960), never where trust rests on it: no signature or digest with SHA-1 is accepted.
 * It is not a primitive of `CryptoPort`, so that nobody can ask for it by mistake.
 */
export function sha1(data: Uint8Array): Uint8Array {
  const padded = pad(data);
  const words = new DataView(padded.buffer);
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const schedule = new Uint32Array(80);
  for (let at = 0; at < padded.length; at += 64) {
    for (let t = 0; t < 16; t++) schedule[t] = words.getUint32(at + t * 4);
    for (let t = 16; t < 80; t++)
      schedule[t] = rotate(
        word(schedule, t - 3) ^
          word(schedule, t - 8) ^
          word(schedule, t - 14) ^
          word(schedule, t - 16),
        1,
      );
    compress(state, schedule);
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [i, value] of state.entries()) digest.setUint32(i * 4, value);
  return new Uint8Array(digest.buffer);
}

/** FIPS 180-4 5.1.1: a one bit, zeros, the length in bits. */
function pad(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
  view.setUint32(padded.length - 4, data.length * 8);
  return padded;
}

function compress(state: Uint32Array, schedule: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let t = 0; t < 80; t++) {
    const [mix, constant] = round(t, b, c, d);
    const next = rotate(a, 5) + mix + e + constant + word(schedule, t);
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next | 0;
  }
  [a, b, c, d, e].forEach((value, i) => {
    state[i] = word(state, i) + value;
  });
}

/** FIPS 180-4 4.1.1, 4.2.1. */
function round(t: number, b: number, c: number, d: number): readonly [number, number] {
  if (t < 20) return [(b & c) ^ (~b & d), 0x5a827999];
  if (t < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (t < 60) return [(b & c) ^ (b & d) ^ (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
