import { resolve } from 'node:path';
import type { JsonValue } from '@nv2/core';
import {
  assertAnchors,
  compileOwnPolicy,
  memoryTrustStore,
  NotaryError,
  OWN_POLICY_VERSION,
  readCertificateFile,
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
    const read = await readCertificateFile(path, { followLinks: true });
    await assertAnchors(read.certificates, 'ca');
    certificates.push(...read.certificates);
  }
  const identities = flags.strings('identity').map(identityOf);
  const keys = flags.strings('pin').map(pinOf);
  if (identities.length > 0 && files.length === 0) {
    throw usageError(
      'the flag --identity needs --trust: without a certificate nobody vouches for a name',
    );
  }
  const signer = new Map<string, JsonValue>([['name', 'command line']]);
  if (files.length > 0) {
    signer.set('stores', [`ca:${STORE}`]);
    signer.set('identities', identities.length > 0 ? identities : [new Map([['any', true]])]);
  }
  if (keys.length > 0) signer.set('keys', keys);
  return {
    policy: compileOwnPolicy(strictStatement(signer)),
    trustStore: memoryTrustStore({ [`ca:${STORE}`]: certificates }),
  };
}

function strictStatement(signer: ReadonlyMap<string, JsonValue>): JsonValue {
  const statement = new Map<string, JsonValue>([
    ['name', 'command line'],
    ['scopes', [new Map([['any', true]])]],
    ['level', 'strict'],
    ['signers', [signer]],
  ]);
  return new Map<string, JsonValue>([
    ['version', OWN_POLICY_VERSION],
    ['statements', [statement]],
  ]);
}

function identityOf(text: string): JsonValue {
  const subject = text.replace(/^x509\.subject:\s*/, '');
  try {
    // the same rules as in a policy, told of the flag
    compileOwnPolicy(
      strictStatement(
        new Map<string, JsonValue>([
          ['name', 'command line'],
          ['stores', [`ca:${STORE}`]],
          ['identities', [new Map([['subject', subject]])]],
        ]),
      ),
    );
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    throw usageError(`the flag --identity: ${String(error.data['message'])}`);
  }
  return new Map([['subject', subject]]);
}

function pinOf(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw usageError(
    `the flag --pin expects sha256: and 64 hexadecimal digits in lower case, got ${quote(text)}\n"openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | sha256sum" prints them`,
  );
}
