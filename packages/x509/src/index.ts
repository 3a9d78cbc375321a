export {
  type Certificate,
  MAX_CERTIFICATE_BYTES,
  parseCertificate,
  parseCertificates,
} from './certificate.ts';
export {
  type DistinguishedName,
  type DistinguishedNameAttribute,
  MAX_DISTINGUISHED_NAME_BYTES,
  parseDistinguishedName,
} from './distinguished-name.ts';
export { X509_ERRORS, X509Error, type X509ErrorCode } from './errors.ts';
export {
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type Extension,
  KEY_USAGES,
  type KeyUsage,
} from './extensions.ts';
export type { GeneralName } from './general-name.ts';
export {
  type CertificateIssuer,
  type CertificateTemplate,
  type ExtensionTemplate,
  issueCertificate,
  type NameAttribute,
} from './issue.ts';
export type { AttributeTypeAndValue, Name, RelativeDistinguishedName } from './name.ts';
export type { NameConstraints } from './name-constraints.ts';
export { formatName, formatNameGo } from './name-format.ts';
export { ATTRIBUTE, EXTENDED_KEY_USAGE, EXTENSION } from './oids.ts';
export { parseSubjectPublicKeyInfo } from './public-key.ts';
export { assertSignedBy, type CryptoOptions, isSelfIssued } from './signature.ts';
export {
  MAX_CHAIN_CERTIFICATES,
  type ValidateChainOptions,
  type ValidatedChain,
  validateCodeSigningChain,
} from './validate-chain.ts';
