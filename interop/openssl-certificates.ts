// Certificates of many shapes, made by the openssl command.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.ts';
import { peer } from './peers.ts';

/** A certificate to be made, in the words of openssl's own configuration. */
export interface CertificateShape {
  readonly name: string;
  /** Arguments of `openssl req -newkey`; P-256 unless given. */
  readonly key?: readonly string[];
  /** Lines of the section for the name. */
  readonly subject?: readonly string[];
  /** Lines of the section for the extensions, and sections that they name; none: version 1. */
  readonly extensions?: readonly string[];
  /** What the names are written as: a `string_mask`. */
  readonly strings?: string;
  /** Further arguments of `openssl req`. */
  readonly args?: readonly string[];
  /** First and last moment; goes through `openssl ca`. */
  readonly validity?: readonly [from: string, to: string];
}

const EC = (curve: string): readonly string[] => ['ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
const PLAIN = ['C=US', 'ST=WA', 'O=Notary', 'CN=test'];
const CODE_SIGNING = [
  'basicConstraints=critical,CA:false',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=codeSigning',
];
const AUTHORITY = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign'];

function withExtensions(name: string, ...extensions: readonly string[]): CertificateShape {
  return { name, extensions };
}

function withSubject(name: string, ...subject: readonly string[]): CertificateShape {
  return { name, subject, extensions: CODE_SIGNING };
}

const KEYS: readonly CertificateShape[] = [
  ...[1024, 2048, 3072, 4096].map((bits) => [`RSA ${bits}`, [`rsa:${bits}`]] as const),
  ...['P-256', 'P-384', 'P-521', 'secp256k1'].map((curve) => [curve, EC(curve)] as const),
  ['RSA with exponent 3', ['rsa:2048', '-pkeyopt', 'rsa_keygen_pubexp:3']] as const,
  ['RSA for PSS alone', ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']] as const,
  ['Ed25519', ['ed25519']] as const,
].map(([name, key]) => ({ name: `key ${name}`, key, extensions: CODE_SIGNING }));

const SIGNATURES: readonly CertificateShape[] = [
  ...['sha1', 'sha256', 'sha384', 'sha512'].map((hash) => ({
    name: `signed with ${hash} and PSS`,
    key: ['rsa:2048'],
    extensions: CODE_SIGNING,
    args: [`-${hash}`, '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'],
  })),
  ...['sha1', 'sha384', 'sha512'].map((hash) => ({
    name: `signed with ${hash}`,
    extensions: CODE_SIGNING,
    args: [`-${hash}`],
  })),
];

const NAMES: readonly CertificateShape[] = [
  withSubject('a relative name of several values', 'C=US', '0.O=Notary', '+OU=one', '+CN=test'),
  withSubject('units one below the other', ...PLAIN, '0.OU=one', '1.OU=two', 'L=here'),
  withSubject('domain components', '0.DC=org', '1.DC=example', 'CN=test'),
  withSubject(
    'other attributes',
    ...PLAIN,
    'emailAddress=a@example.org',
    'serialNumber=42',
    'street=1 Way',
    'postalCode=98052',
    'UID=someone',
  ),
  withSubject(
    'signs that RFC 4514 escapes',
    'O=\\#Notary, \\"a\\" <b>; c=d\\\\e',
    'CN=\\ test+\\ ',
  ),
  withSubject('an unknown attribute', 'CN=test', '1.2.3.4.5=x'),
  ...['utf8only', 'nombstr', 'pkix', 'default'].map((strings) => ({
    ...withSubject(`umlauts as ${strings}`, 'C=DE', 'O=Müller & Söhne', 'CN=Prüfung'),
    strings,
  })),
  ...['utf8only', 'pkix'].map((strings) => ({
    ...withSubject(`Greek as ${strings}`, 'C=GR', 'O=Νοτάριος', 'CN=δοκιμή'),
    strings,
  })),
  withSubject('signs beyond sixteen bits', 'C=US', 'CN=\u{1f58b} test'),
];

const ALTERNATIVE_NAMES = [
  'subjectAltName=@names',
  '[names]',
  'DNS.1=example.org',
  'DNS.2=*.example.org',
  'email.1=a@example.org',
  'URI.1=https://user@example.org:8443/a%20b?c=d#e',
  'URI.2=urn:example:a',
  'IP.1=192.0.2.1',
  'IP.2=2001:db8::1',
  'RID.1=1.2.3.4',
  'otherName.1=1.2.3.4;UTF8:other',
  'dirName.1=directory',
  '[directory]',
  'C=US',
  'CN=directory',
];

const POLICIES = [
  'certificatePolicies=1.2.3.4,anyPolicy,@policy',
  '[policy]',
  'policyIdentifier=1.3.5.8',
  'CPS.1=https://example.org/cps',
  'userNotice.1=@notice',
  '[notice]',
  'explicitText=UTF8:Some text',
  'organization=Notary',
  'noticeNumbers=1,2',
];

const POINTS = [
  'crlDistributionPoints=first,second',
  '[first]',
  'fullname=URI:http://example.org/a.crl,URI:ldap://example.org/cn=a?b',
  '[second]',
  'fullname=URI:http://example.org/b.crl',
  'reasons=keyCompromise,CACompromise',
  'CRLissuer=dirName:issuer',
  '[issuer]',
  'CN=issuer',
];
const RELATIVE_POINT = [
  'crlDistributionPoints=only',
  '[only]',
  'relativename=relative',
  '[relative]',
  'CN=relative',
];

const EXTENSIONS: readonly CertificateShape[] = [
  { name: 'no extensions' },
  withExtensions('a CA', ...AUTHORITY),
  withExtensions('a CA with a path length of 0', 'basicConstraints=CA:true,pathlen:0'),
  withExtensions('a CA with a path length of 3', 'basicConstraints=critical,CA:true,pathlen:3'),
  withExtensions(
    'every key usage',
    'keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,' +
      'keyCertSign,cRLSign,encipherOnly,decipherOnly',
  ),
  withExtensions(
    'many purposes',
    'extendedKeyUsage=critical,codeSigning,timeStamping,OCSPSigning,emailProtection,serverAuth,' +
      'clientAuth,anyExtendedKeyUsage,1.3.6.1.4.1.311.10.3.13',
  ),
  withExtensions('alternative names of every kind', ...CODE_SIGNING, ...ALTERNATIVE_NAMES),
  withExtensions('critical alternative names', 'subjectAltName=critical,DNS:example.org'),
  withExtensions(
    'name constraints',
    ...AUTHORITY,
    'nameConstraints=critical,permitted;DNS:.example.org,permitted;DNS:example.net,' +
      'permitted;email:example.org,permitted;IP:192.0.2.0/255.255.255.0,' +
      'permitted;URI:.example.org,excluded;DNS:bad.example.org,' +
      'excluded;IP:2001:db8::/ffff:ffff::',
  ),
  withExtensions('policies', ...AUTHORITY, ...POLICIES),
  withExtensions('policy constraints', ...AUTHORITY, 'policyConstraints=requireExplicitPolicy:3'),
  withExtensions('inhibited policies', ...AUTHORITY, 'inhibitAnyPolicy=2'),
  withExtensions('distribution points', ...CODE_SIGNING, ...POINTS),
  withExtensions('a relative distribution point', ...CODE_SIGNING, ...RELATIVE_POINT),
  withExtensions(
    'ways to the authority',
    ...CODE_SIGNING,
    'authorityInfoAccess=OCSP;URI:http://ocsp.example.org/a,OCSP;URI:http://ocsp.example.org/b,' +
      'caIssuers;URI:http://example.org/ca.cer,OCSP;email:a@example.org',
  ),
  withExtensions(
    'key identifiers',
    ...AUTHORITY,
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid:always,issuer:always',
  ),
  withExtensions('an unknown extension', '1.2.3.4=critical,DER:0500'),
  withExtensions('a precertificate poison', '1.3.6.1.4.1.11129.2.4.3=critical,DER:0500'),
];

const NUMBERS: readonly CertificateShape[] = [
  ['zero', '0'],
  ['one octet', '127'],
  ['an octet for the sign', '128'],
  ['twenty octets', `0x7f${'a5'.repeat(19)}`],
  ['twenty octets and one for the sign', `0xff${'a5'.repeat(19)}`],
  ['twenty-one octets', `0x01${'a5'.repeat(20)}`],
  ['negative', '-42'],
].map(([name = '', number = '']) => ({
  name: `serial number: ${name}`,
  extensions: CODE_SIGNING,
  args: ['-set_serial', number],
}));

const TIMES: readonly CertificateShape[] = (
  [
    ['19500101000000Z', '20491231235959Z'],
    ['19991231235959Z', '20500101000000Z'],
    ['20240229120000Z', '99991231235959Z'],
    ['20600101000000Z', '20590101000000Z'],
  ] as const
).map((validity) => ({ name: validity.join(' to '), validity, extensions: CODE_SIGNING }));

/** All of them. */
export const CERTIFICATE_SHAPES: readonly CertificateShape[] = [
  ...KEYS,
  ...SIGNATURES,
  ...NAMES,
  ...EXTENSIONS,
  ...NUMBERS,
  ...TIMES,
];

/** The certificate in DER, self-signed. Uses files in `dir`, over and over again. */
export async function makeOpensslCertificate(
  dir: string,
  shape: CertificateShape,
): Promise<Uint8Array> {
  const openssl = await peer('openssl');
  const run = (args: readonly string[]): Promise<string> => execute(openssl, args, { cwd: dir });
  await writeFile(join(dir, 'openssl.cnf'), configOf(shape));
  const request = ['-config', 'openssl.cnf', '-utf8', '-nodes', '-keyout', 'key.pem'];
  const key = ['-newkey', ...(shape.key ?? EC('P-256'))];
  const args = shape.args ?? [];
  if (shape.validity === undefined && shape.extensions !== undefined) {
    await run(['req', '-x509', ...request, ...key, ...args, '-outform', 'DER', '-out', 'made.der']);
  } else {
    await run(['req', '-new', ...request, ...key, ...args, '-out', 'made.csr']);
    await run(shape.validity === undefined ? SELF_SIGN : await authority(dir, shape.validity));
    await run(['x509', '-in', 'made.pem', '-outform', 'DER', '-out', 'made.der']);
  }
  return new Uint8Array(await readFile(join(dir, 'made.der')));
}

const SELF_SIGN = ['x509', '-req', '-in', 'made.csr', '-signkey', 'key.pem', '-out', 'made.pem'];

async function authority(
  dir: string,
  [from, to]: readonly [string, string],
): Promise<readonly string[]> {
  await writeFile(join(dir, 'index.txt'), '');
  await writeFile(join(dir, 'serial'), '1001\n');
  return [
    ...['ca', '-batch', '-selfsign', '-config', 'openssl.cnf', '-in', 'made.csr'],
    ...['-keyfile', 'key.pem', '-startdate', from, '-enddate', to, '-notext'],
    ...['-outdir', '.', '-out', 'made.pem'],
  ];
}

function configOf({ subject = PLAIN, extensions, strings = 'utf8only' }: CertificateShape): string {
  const lines = [
    ...['[req]', 'prompt=no', 'utf8=yes', `string_mask=${strings}`, 'distinguished_name=name'],
    ...(extensions === undefined ? [] : ['x509_extensions=extensions']),
    ...['[ca]', 'default_ca=here', '[here]', 'database=index.txt', 'serial=serial'],
    ...['default_md=sha256', 'policy=any', 'x509_extensions=extensions', 'preserve=yes'],
    ...['[any]', 'commonName=optional', '[name]', ...subject],
    ...['[extensions]', ...(extensions ?? [])],
  ];
  return `${lines.join('\n')}\n`;
}
