// What is said of certificates and test keys.
import { type Difference, WORDS } from './difference.ts';

const NOT_OF_A_STORE =
  'the certificate with subject \\"CN=signer,O=Notary,ST=WA,C=US\\" is not a CA certificate or self-signed signing certificate';
const NOT_A_NAME = 'named store name needs to follow [a-zA-Z0-9_.-]+ format';

export const OF_CERTIFICATES: readonly Difference[] = [
  {
    what: 'a certificate that may not be in a store',
    why: 'v2: store certificates are of CAs or self-signed; said when it is added, not when all fails',
    theirs: /^= 0\n\| (Successfully) added (following .*):\n\| signer\.crt$/,
    ours: `= 1\n! Error: Failed to add $2:\n! signer.crt, with error "${NOT_OF_A_STORE}"\n! `,
    on: /^cert add .*signer\.crt$/,
  },
  {
    what: 'a file name that may not be in a store',
    why: 'v2: files, names of stores and of files in them',
    theirs: /^= 0\n\| Successfully added (following .*):\n\| a b\.crt$/,
    ours: `= 1\n! Error: Failed to add $1:\n! a b.crt, with error "${NOT_A_NAME}"\n! `,
    on: /^cert add .*a b\.crt$/,
  },
  {
    what: 'a path that leaves the store',
    why: 'v2: files, names of stores and of files in them',
    theirs:
      /(?:open|stat) \{\{home\}\}\/\.config\/notation\/truststore\/x509\/(?:ca\/other\/missing\.crt|x): no such file or directory/g,
    ours: NOT_A_NAME,
  },
  {
    what: 'a file that is no certificate',
    why: WORDS,
    theirs:
      /(\S+)(?<=^! \1)(, with error ")(?:x509: malformed certificate|no valid certificate found in the file)/gm,
    ours: '$1$2expected a certificate in PEM or DER form in {{home}}/$1: certificate: found none, neither PEM nor DER',
  },
  {
    what: 'a key that is no certificate',
    why: WORDS,
    theirs: 'x509: malformed tbs certificate',
    ours: 'expected a certificate in PEM or DER form in {{home}}/signer.key: certificate: expected a PEM CERTIFICATE, got PRIVATE KEY',
  },
  {
    what: 'a directory that is no certificate',
    why: WORDS,
    theirs: 'read {{home}}: is a directory',
    ours: '\\"{{home}}\\" is not a regular file (symlinks are not supported)',
    on: /^cert /,
  },
  {
    what: 'where a certificate is deleted',
    why: 'v2: texts of cert delete',
    theirs: /(Successfully deleted \w+\.root\.crt)$/gm,
    ours: '$1 from trust store both of type ca',
    on: /^cert delete /,
  },
  {
    what: 'the name of a test certificate',
    why: 'v2: texts of cert cleanup-test and generate-test',
    theirs: 'common_name',
    ours: 'common name',
    on: /^cert generate-test$/,
  },
  {
    what: 'the form of the name of a test certificate',
    why: 'v2: texts of cert cleanup-test and generate-test',
    theirs: 'Error: name needs to follow',
    ours: 'Error: certificate common name must follow',
    on: /^cert generate-test /,
  },
  {
    what: 'files that are there already',
    why: 'v2: texts of cert generate-test',
    theirs: /open (\S+): file exists/g,
    ours: 'file already exists: $1',
    on: /^cert generate-test /,
  },
  {
    what: 'the default key',
    why: 'v2: texts of cert generate-test',
    theirs: ': mark as default',
    ours: ': marked as default',
    on: /^cert generate-test /,
  },
  {
    what: 'a key that no signature can be made with',
    why: 'refused before it is listed: signing by it would fail',
    theirs: /^= 0\n\| generating RSA Key with 1024 bits\n(?:\|.*\n?)*$/,
    ours: '= 1\n! Error: invalid argument "1024" for "-b, --bits" flag: signatures need an RSA key of 2048, 3072 or 4096 bits',
  },
  {
    what: 'a key of no bits',
    why: WORDS,
    theirs: /\| generating RSA Key with 0 bits\n! Error: crypto\/rsa: .*/g,
    ours: '! Error: invalid argument "0" for "-b, --bits" flag: signatures need an RSA key of 2048, 3072 or 4096 bits',
  },
];
