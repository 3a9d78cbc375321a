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
  contextTag,
  DerReader,
  derBitString,
  derEncode,
  derInteger,
  derOid,
  TAG,
} from './der.ts';
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
