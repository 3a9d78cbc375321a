import { type CertificateRole, RSASSA_PSS, type X509Error } from '@nv2/x509';

const SECTIONS: Readonly<Record<CertificateRole, readonly string[]>> = {
  signer: [
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = codeSigning',
  ],
  authority: ['basicConstraints = critical, CA:TRUE', 'keyUsage = critical, keyCertSign, cRLSign'],
  timestampSigner: [
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = critical, timeStamping',
  ],
  timestampAuthority: [
    'basicConstraints = critical, CA:TRUE',
    'keyUsage = critical, keyCertSign, cRLSign',
  ],
};

/** What a certificate is called by its role. */
export const ROLE_NAMES: Readonly<Record<CertificateRole, string>> = {
  signer: 'a signing certificate',
  authority: 'a CA of signing certificates',
  timestampSigner: 'the certificate of a timestamp authority',
  timestampAuthority: 'a CA of timestamp authorities',
};

/** Extensions for `openssl x509 -req -extfile` with which a certificate fits its role, line by line. */
export function extensionSection(role: CertificateRole): readonly string[] {
  return ['[notary]', ...SECTIONS[role]];
}

/** A broken requirement of a certificate that is named already. */
export function requirementWords({ message }: X509Error): string {
  return message.replace(/^certificate \d+ of the chain, ".*?": /, '');
}

/** What to do in openssl's terms about a broken requirement. */
export function adviceOn({ code, data }: X509Error): string {
  switch (code) {
    case 'X509_KEY_UNSUPPORTED':
      return 'make another key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem';
    case 'X509_ALGORITHM_UNSUPPORTED':
      return data['algorithm'] === RSASSA_PSS
        ? // by itself openssl takes the longest salt that there is room for
          'issue it again with a salt as long as the hash: openssl x509 -req -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest'
        : 'issue it again with SHA-256, SHA-384 or SHA-512: openssl x509 -req -sha256';
    case 'X509_EXPIRED':
    case 'X509_NOT_YET_VALID':
      return 'issue it again for the time in which it is used: openssl x509 -req -days N';
    case 'X509_PATH_LENGTH':
      return 'issue it again with a larger pathlen in basicConstraints, or without one';
    case 'X509_CHAIN_INCOMPLETE':
      return 'put the whole chain into one file: cat leaf.pem ca.pem root.pem > chain.pem';
    case 'X509_CHAIN_ORDER':
      return 'order the file from the certificate that signs to the root: cat leaf.pem ca.pem root.pem > chain.pem';
    case 'X509_CRITICAL_EXTENSION':
      return 'issue it again without that extension, or with it not marked critical';
    case 'X509_BASIC_CONSTRAINTS':
    case 'X509_KEY_USAGE':
    case 'X509_EXTENDED_KEY_USAGE':
      return 'issue it again with the extensions below: openssl x509 -req -extfile FILE -extensions notary';
    default:
      return 'issue it again by the authority above it in the file';
  }
}
