import { resolve } from 'node:path';
import {
  assertAnchors,
  memoryTrustStore,
  NotaryError,
  type RequiredSigner,
  readCertificateFile,
  subjectIdentity,
  type TrustedIdentity,
  type TrustStatement,
  type TrustStore,
} from '@nv2/notary';
import type { Certificate } from '@nv2/x509';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { quote } from '../text/quote.ts';

/** Trust that stands on the command line alone: no policy and no trust store is read. */
export interface GivenTrust {
  readonly policy: { readonly statements: readonly TrustStatement[] };
  readonly trustStore: TrustStore;
}

const NAME = 'command line';
const STORE = 'command-line';

/** Whether the command line itself says whom to trust, be it too little. */
export function isTrustGiven({ flags }: CommandContext): boolean {
  return ['trust', 'identity', 'pin'].some((name) => flags.isSet(name));
}

/**
 * One strict statement about whatever is verified: signed by a holder of a certificate under
 * `--trust` that `--identity` names, by a key of `--pin`, or by both where both are given.
 *
 * @throws CliError `CLI_USAGE`; NotaryError `NOTARY_FILE_*`, `NOTARY_CERTIFICATE_*`
 */
export async function givenTrust({ io, flags }: CommandContext): Promise<GivenTrust> {
  const files = flags.strings('trust');
  const certificates: Certificate[] = [];
  for (const file of files) {
    if (file === '') throw usageError('the flag --trust is empty');
    const path = resolve(io.cwd, file);
    certificates.push(...(await readAnchors(path)));
  }
  const identities = flags.strings('identity').map(identityOf);
  const keys = flags.strings('pin').map(pinOf);
  if (identities.length > 0 && files.length === 0) {
    throw usageError(
      'the flag --identity needs --trust: without a certificate nobody vouches for a name',
    );
  }
  const signer: RequiredSigner = {
    name: NAME,
    trustStores: files.length > 0 ? [{ type: 'ca', name: STORE }] : [],
    trustedIdentities: identities.length > 0 ? identities : [{ kind: 'any', text: '*' }],
    ...(keys.length > 0 && { keys: new Set(keys) }),
  };
  return {
    policy: { statements: [strictStatement(signer)] },
    trustStore: memoryTrustStore({ [`ca:${STORE}`]: certificates }),
  };
}

async function readAnchors(path: string): Promise<readonly Certificate[]> {
  const { certificates } = await readCertificateFile(path, { followLinks: true });
  try {
    await assertAnchors(certificates, 'ca');
    return certificates;
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    const { code, message, data } = cause;
    throw new NotaryError(code, `the flag --trust: ${path}: ${message}`, {
      cause,
      data: { ...data, path },
      hint: 'name the certificate of an authority of the signer, best its root; "nv2 cert check --ca" says what it must have, and --pin trusts a single key',
    });
  }
}

function strictStatement(signer: RequiredSigner): TrustStatement {
  return {
    name: NAME,
    scopes: [{ kind: 'any' }],
    signatureVerification: { level: 'strict', override: new Map(), verifyTimestamp: 'always' },
    signers: [signer],
    threshold: 1,
    timestampStores: [],
  };
}

function identityOf(text: string): TrustedIdentity {
  try {
    return subjectIdentity(text.replace(/^x509\.subject:\s*/, ''));
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    throw usageError(`the flag --identity: ${error.message}`);
  }
}

/** In hexadecimal. */
function pinOf(text: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(text) ?? [];
  if (hex !== undefined) return hex;
  throw usageError(
    `the flag --pin expects sha256: and 64 hexadecimal digits in lower case, got ${quote(text)}\n"openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | sha256sum" prints them`,
  );
}
