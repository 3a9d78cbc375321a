/** Digest algorithms that keys and artifacts may use. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** Elliptic curves of the Notary Project signature specification. */
export type CurveName = 'P-256' | 'P-384' | 'P-521';

/** A public key as read from a SubjectPublicKeyInfo (RFC 5280 4.1.2.7). */
export type PublicKey =
  | {
      readonly kind: 'rsa';
      readonly modulusBits: number;
      /** RSAPublicKey (RFC 8017 A.1.1), DER. */
      readonly pkcs1: Uint8Array;
      /** The whole SubjectPublicKeyInfo, DER. */
      readonly spki: Uint8Array;
    }
  | {
      readonly kind: 'ec';
      readonly curve: CurveName;
      /** The whole SubjectPublicKeyInfo, DER. */
      readonly spki: Uint8Array;
    };

/**
 * How a signature value is made, with nothing left to a default.
 *
 * - `rsa-pss`: MGF1 with the same hash. `saltLength` in bytes, or `any` (verification only).
 * - `rsa-pkcs1`: RSASSA-PKCS1-v1_5, for certificates only.
 * - `ecdsa`: `raw` is r || s of fixed width (RFC 7518 3.4), `der` is ECDSA-Sig-Value (RFC 3279).
 */
export type SignatureScheme =
  | {
      readonly kind: 'rsa-pss';
      readonly hash: HashName;
      readonly saltLength: number | 'any';
    }
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'ecdsa'; readonly hash: HashName; readonly encoding: 'raw' | 'der' };

/** What to generate: RSA with a modulus of so many bits, or a key on a curve. */
export type KeySpec =
  | { readonly kind: 'rsa'; readonly modulusBits: number }
  | { readonly kind: 'ec'; readonly curve: CurveName };

/** A private key that can sign; the key itself stays inside. */
export interface PrivateKey {
  /** SubjectPublicKeyInfo of the public half, DER. */
  readonly spki: Uint8Array;
  sign(scheme: SignatureScheme, data: Uint8Array): Promise<Uint8Array>;
}

/**
 * The cryptographic primitives that nv2 needs, and no more. Two implementations:
 * `node:crypto` (the default under Node and Bun) and Web Crypto (browsers, edge runtimes).
 * Both pass the same vectors.
 */
export interface CryptoPort {
  /** @throws CoreError `CRYPTO_UNSUPPORTED` for any other hash */
  digest(hash: HashName, data: Uint8Array): Promise<Uint8Array>;
  /**
   * Whether `signature` over `data` holds. False for any malformed signature value.
   * The only boolean answer in nv2: everything above turns it into a proof or an error.
   * @throws CoreError `KEY_INVALID` if the key cannot be used, `CRYPTO_UNSUPPORTED`
   */
  verify(
    key: PublicKey,
    scheme: SignatureScheme,
    data: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /** Reads a PKCS#8 private key, DER, unencrypted. @throws CoreError `KEY_INVALID` */
  importPrivateKey(pkcs8: Uint8Array): Promise<PrivateKey>;
  /** Makes a key pair; the PKCS#8 is for storing. */
  generateKey(spec: KeySpec): Promise<{ readonly key: PrivateKey; readonly pkcs8: Uint8Array }>;
  randomBytes(length: number): Uint8Array;
}
