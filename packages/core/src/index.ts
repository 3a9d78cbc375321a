export { defaultCrypto } from '#crypto';
export {
  compareBytes,
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  joinBytes,
} from './bytes.ts';
export { decodeCbor } from './cbor-decode.ts';
export { cborTag, encodeCbor } from './cbor-encode.ts';
export type { CborKey, CborMap, CborTag, CborValue } from './cbor-types.ts';
export { counted } from './counted.ts';
export type {
  CryptoPort,
  CurveName,
  HashName,
  KeySpec,
  PrivateKey,
  PublicKey,
  SignatureScheme,
} from './crypto/port.ts';
export {
  MIN_MODULUS_BITS,
  parsePublicKey,
  readSubjectPublicKeyInfo,
  type SubjectPublicKeyInfo,
} from './crypto/public-key.ts';
export { contextTag, DerReader, TAG } from './der.ts';
export { derBitString, derEncode, derInteger, derOid } from './der-encode.ts';
export {
  DIGEST_ALGORITHMS,
  type Digest,
  type DigestAlgorithm,
  formatDigest,
  isDigest,
  parseDigest,
} from './digest.ts';
export {
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
} from './encodings.ts';
export {
  CORE_ERRORS,
  CoreError,
  type CoreErrorCode,
  type ErrorDetails,
  type ErrorEntry,
  type ErrorKind,
  type ErrorTable,
  Nv2Error,
} from './errors.ts';
export { inParallel } from './in-parallel.ts';
export { type ParseJsonOptions, parseJson } from './json.ts';
export type { JsonObject, JsonValue } from './json-types.ts';
export { listSome } from './list-some.ts';
export { type ActedOn, actedOn, assertNoLookAlike } from './look-alike.ts';
export { editDistance, MAX_SLIP_DISTANCE, nearestWord } from './nearest-word.ts';
export { type DecodePemOptions, decodePem, encodePem, type PemBlock } from './pem.ts';
export { quoted, shortened } from './quoted.ts';
export { RecentlyUsed } from './recently-used.ts';
export { type SystemReason, systemReason } from './system-error.ts';
export { formatUtc } from './utc.ts';
export { withDefaults } from './with-defaults.ts';
