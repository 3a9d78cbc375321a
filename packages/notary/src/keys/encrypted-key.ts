import { DerReader, Nv2Error, TAG } from '@nv2/core';
import { NotaryError } from '../errors.ts';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** More rounds than these are taken for an attempt to keep the machine busy. */
export const MAX_PBKDF2_ITERATIONS = 10_000_000;

/** Gives the passphrase of an encrypted private key. Called once at most, and only if it is needed. */
export type PassphraseSource = () => Promise<string>;

/**
 * Decrypts an EncryptedPrivateKeyInfo (RFC 5958 3) of PBES2 with PBKDF2 (RFC 8018 6.2) to the DER of
 * a PrivateKeyInfo. Older schemes, whose keys are guessed fast, are refused.
 *
 * @throws NotaryError `NOTARY_KEY_INVALID`, `NOTARY_KEY_PASSPHRASE`
 */
export async function decryptPrivateKey(
  der: Uint8Array,
  passphrase: PassphraseSource | undefined,
): Promise<Uint8Array> {
  assertScheme(der);
  if (passphrase === undefined) {
    throw new NotaryError('NOTARY_KEY_PASSPHRASE', 'the private key is encrypted', {
      hint: 'give its passphrase, or use a key that is not encrypted',
    });
  }
  const secret = await passphrase();
  const { createPrivateKey } = await import('node:crypto');
  try {
    const key = createPrivateKey({
      key: Buffer.from(der),
      format: 'der',
      type: 'pkcs8',
      passphrase: secret,
    });
    return key.export({ format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new NotaryError(
      'NOTARY_KEY_PASSPHRASE',
      'the private key could not be decrypted with the passphrase given',
      { cause, hint: 'check the passphrase; a file of it may end in a line feed, not in blanks' },
    );
  }
}

// RFC 8018 A.4: PBES2-params ::= SEQUENCE { keyDerivationFunc, encryptionScheme }
function assertScheme(der: Uint8Array): void {
  try {
    const algorithm = new DerReader(der).enter(TAG.sequence).enter(TAG.sequence);
    const scheme = algorithm.oid();
    if (scheme !== PBES2) throw unsupported(`the scheme ${scheme}`);
    const derivation = algorithm.enter(TAG.sequence).enter(TAG.sequence);
    const kdf = derivation.oid();
    if (kdf !== PBKDF2) throw unsupported(`the key derivation ${kdf}`);
    const parameters = derivation.enter(TAG.sequence);
    parameters.content(TAG.octetString);
    const iterations = parameters.smallInteger();
    if (iterations > MAX_PBKDF2_ITERATIONS) throw unsupported(`${iterations} iterations of PBKDF2`);
  } catch (cause) {
    if (cause instanceof NotaryError || !(cause instanceof Nv2Error)) throw cause;
    throw unsupported('a malformed description of the encryption', cause);
  }
}

function unsupported(what: string, cause?: Nv2Error): NotaryError {
  return new NotaryError(
    'NOTARY_KEY_INVALID',
    `unusable private key: it is encrypted with ${what}`,
    {
      cause,
      hint: 'encrypt the key with PBES2 and PBKDF2: openssl pkcs8 -topk8 -v2 aes-256-cbc',
    },
  );
}
