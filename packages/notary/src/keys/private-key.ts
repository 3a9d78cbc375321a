import {
  CoreError,
  type CryptoPort,
  contextTag,
  DerReader,
  decodePem,
  defaultCrypto,
  derEncode,
  derInteger,
  derOid,
  type PrivateKey,
  TAG,
} from '@nv2/core';
import { NotaryError } from '../errors.ts';
import { decryptPrivateKey, type PassphraseSource } from './encrypted-key.ts';

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/**
 * Reads the first private key of a PEM text: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or
 * SEC 1 (`EC PRIVATE KEY`), or encrypted PKCS#8 (`ENCRYPTED PRIVATE KEY`, PBES2).
 *
 * @throws NotaryError `NOTARY_KEY_INVALID`, `NOTARY_KEY_PASSPHRASE`
 */
export async function parsePrivateKey(
  pem: Uint8Array,
  options: { readonly crypto?: CryptoPort; readonly passphrase?: PassphraseSource } = {},
): Promise<PrivateKey> {
  try {
    const block = decodePem(pem).find(({ label }) => /(?:^| )PRIVATE KEY$/.test(label));
    if (block === undefined) throw invalid('no PEM block of a private key');
    const isEncrypted = block.label === 'ENCRYPTED PRIVATE KEY';
    const pkcs8 = isEncrypted
      ? await decryptPrivateKey(block.der, options.passphrase)
      : toPkcs8(block.label, block.der);
    return await (options.crypto ?? defaultCrypto).importPrivateKey(pkcs8);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid(cause.message, cause);
  }
}

function toPkcs8(label: string, der: Uint8Array): Uint8Array {
  switch (label) {
    case 'PRIVATE KEY':
      return der;
    case 'RSA PRIVATE KEY':
      // RFC 8017 A.1: the parameters are NULL
      return wrap(der, [derOid(RSA_ENCRYPTION), derEncode(TAG.null)]);
    case 'EC PRIVATE KEY':
      return wrap(der, [derOid(EC_PUBLIC_KEY), derOid(sec1Curve(der))]);
    default:
      throw invalid(`a block labelled ${label} is not supported`);
  }
}

// RFC 5208 5: PrivateKeyInfo ::= SEQUENCE { version 0, algorithm, privateKey OCTET STRING }
function wrap(key: Uint8Array, algorithm: readonly Uint8Array[]): Uint8Array {
  return derEncode(
    TAG.sequence,
    derInteger(0),
    derEncode(TAG.sequence, ...algorithm),
    derEncode(TAG.octetString, key),
  );
}

// RFC 5915 3: ECPrivateKey ::= SEQUENCE { version 1, privateKey, parameters [0] OPTIONAL, … }
function sec1Curve(der: Uint8Array): string {
  const fields = new DerReader(der).enter(TAG.sequence);
  fields.smallInteger();
  fields.content(TAG.octetString);
  const parameters = fields.enterOptional(contextTag(0, true));
  if (parameters === undefined) throw invalid('the EC private key does not name its curve');
  return parameters.oid();
}

function invalid(reason: string, cause?: unknown): NotaryError {
  return new NotaryError('NOTARY_KEY_INVALID', `unusable private key: ${reason}`, {
    cause,
    hint: 'give an RSA (2048, 3072, 4096 bits) or EC (P-256, P-384, P-521) private key in PEM form; "openssl pkcs8 -topk8" writes that form',
  });
}
