/** Content types, RFC 5652 5.1 and RFC 3161 2.4.2 (dotted form). */
export const CONTENT_TYPE = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
} as const;

/** Signed attributes, RFC 5652 11, RFC 2634 5.4 and RFC 5035 3 (dotted form). */
export const CMS_ATTRIBUTE = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;
