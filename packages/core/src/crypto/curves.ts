import type { CurveName } from './port.ts';

/** A curve y² = x³ − 3x + b over the integers modulo `prime` (SP 800-186 3.2.1). */
interface Curve {
  /** Dotted object identifier (RFC 5480 2.1.1.1). */
  readonly oid: string;
  /** Octets of one coordinate (SEC 1 2.3.5). */
  readonly octets: number;
  readonly prime: bigint;
  readonly b: bigint;
}

/** The curves of the Notary Project signature specification. */
export const CURVES: Readonly<Record<CurveName, Curve>> = {
  'P-256': {
    oid: '1.2.840.10045.3.1.7',
    octets: 32,
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    oid: '1.3.132.0.34',
    octets: 48,
    prime:
      0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    oid: '1.3.132.0.35',
    octets: 66,
    prime: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/** The curve with this object identifier, if it is one of {@link CURVES}. */
export function curveOf(oid: string): CurveName | undefined {
  const names = Object.keys(CURVES) as CurveName[];
  return names.find((name) => CURVES[name].oid === oid);
}

/**
 * Whether the point `0x04 || x || y` is of this curve: coordinates below the prime that solve its
 * equation (SEC 1 3.2.2.1; the cofactor is 1). Costs a thirtieth of a signature verification.
 */
export function isOnCurve(point: Uint8Array, curve: CurveName): boolean {
  const { octets, prime, b } = CURVES[curve];
  const x = unsigned(point.subarray(1, 1 + octets));
  const y = unsigned(point.subarray(1 + octets));
  return x < prime && y < prime && (y * y - x * (x * x - 3n) - b) % prime === 0n;
}

/** A big-endian number, eight octets at a time: three times as fast as by way of hexadecimal. */
function unsigned(octets: Uint8Array): bigint {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const head = octets.length % 8;
  let value = 0n;
  for (let at = 0; at < head; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  for (let at = head; at < octets.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}
