import { defaultCrypto, type KeySpec, type PrivateKey } from '@nv2/core';
import {
  ATTRIBUTE,
  type Certificate,
  type CertificateTemplate,
  EXTENDED_KEY_USAGE,
  issueCertificate,
} from '@nv2/x509';

/** What {@link makeChain} makes; leaf first. */
export interface TestChain {
  readonly chain: readonly Certificate[];
  readonly leafKey: PrivateKey;
  /** PKCS#8, DER. */
  readonly leafPkcs8: Uint8Array;
  readonly root: Certificate;
  /** The CAs with their keys: the leaf's issuer first, the root last; none if the leaf is alone. */
  readonly authorities: readonly TestAuthority[];
}

/** A CA with its key. */
export interface TestAuthority {
  readonly key: PrivateKey;
  readonly certificate: Certificate;
}

/** Fields of a template to write otherwise. */
export type TemplateChanges = Partial<CertificateTemplate>;

/** Options of {@link makeChain}. */
export interface MakeChainOptions {
  /** Of the leaf's key; CAs have P-256 keys unless `authority` says otherwise. */
  readonly algorithm: KeySpec;
  readonly authority?: KeySpec;
  /** Certificates: 1 is a self-signed leaf, 3 has an intermediate CA. Default 2. */
  readonly depth?: 1 | 2 | 3;
  /** Certificates are valid from a day before to a year after. Default: now. */
  readonly now?: Date;
  readonly commonName?: string;
  readonly leaf?: TemplateChanges;
  readonly intermediate?: TemplateChanges;
  readonly root?: TemplateChanges;
}

const DAY = 24 * 60 * 60 * 1000;
const EC: KeySpec = { kind: 'ec', curve: 'P-256' };

interface Keys {
  readonly key: PrivateKey;
  readonly pkcs8: Uint8Array;
}

// RSA keys take seconds to find; tests of one process share a few, one after the other
const RSA_KEYS_PER_SIZE = 2;
const rsaKeys = new Map<number, Promise<Keys>[]>();
let turn = 0;

function makeKeys(spec: KeySpec): Promise<Keys> {
  if (spec.kind === 'ec') return defaultCrypto.generateKey(spec);
  const known = rsaKeys.get(spec.modulusBits) ?? [];
  rsaKeys.set(spec.modulusBits, known);
  const reused = known.length < RSA_KEYS_PER_SIZE ? undefined : known[turn++ % known.length];
  if (reused !== undefined) return reused;
  const made = defaultCrypto.generateKey(spec);
  known.push(made);
  return made;
}

/** A chain that obeys the Notary Project's rules, but for what the changes spoil. */
export async function makeChain(options: MakeChainOptions): Promise<TestChain> {
  const { depth = 2, commonName = 'test leaf' } = options;
  const keys = await makeKeys(options.algorithm);
  const leaf: CertificateTemplate = {
    ...template(commonName, { keys, options }),
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [EXTENDED_KEY_USAGE.codeSigning],
    ...options.leaf,
  };
  const authorities = depth === 1 ? [] : await makeAuthorities(options);
  const [issuer] = authorities;
  const certificate = await issueCertificate(leaf, issuer ?? { key: keys.key });
  const chain = [certificate, ...authorities.map((authority) => authority.certificate)];
  const root = chain.at(-1) ?? certificate;
  return { chain, leafKey: keys.key, leafPkcs8: keys.pkcs8, root, authorities };
}

/** The issuing CA first, the root last. */
async function makeAuthorities(options: MakeChainOptions): Promise<TestAuthority[]> {
  const rootKeys = await makeKeys(options.authority ?? EC);
  const root = {
    key: rootKeys.key,
    certificate: await issueCertificate(
      { ...authorityTemplate('test root', { keys: rootKeys, options }), ...options.root },
      { key: rootKeys.key },
    ),
  };
  if (options.depth !== 3) return [root];
  const keys = await makeKeys(options.authority ?? EC);
  const certificate = await issueCertificate(
    {
      ...authorityTemplate('test intermediate', { keys, options }),
      basicConstraints: { ca: true, pathLength: 0 },
      ...options.intermediate,
    },
    root,
  );
  return [{ key: keys.key, certificate }, root];
}

interface TemplateContext {
  readonly keys: Keys;
  readonly options: MakeChainOptions;
}

function authorityTemplate(commonName: string, context: TemplateContext): CertificateTemplate {
  return {
    ...template(commonName, context),
    basicConstraints: { ca: true },
    keyUsage: ['keyCertSign', 'cRLSign'],
  };
}

function template(commonName: string, { keys, options }: TemplateContext): CertificateTemplate {
  const now = (options.now ?? new Date()).getTime();
  return {
    subject: [
      { type: ATTRIBUTE.country, value: 'US' },
      { type: ATTRIBUTE.stateOrProvince, value: 'WA' },
      { type: ATTRIBUTE.organization, value: 'Notary' },
      { type: ATTRIBUTE.commonName, value: commonName },
    ],
    notBefore: now - DAY,
    notAfter: now + 365 * DAY,
    spki: keys.key.spki,
  };
}
