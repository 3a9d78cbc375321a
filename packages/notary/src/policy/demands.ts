import { formatPlatform } from '@nv2/oci';
import { formatTrustStore } from '../truststore/trust-store.ts';
import type { TrustedIdentity } from './identities.ts';
import { resolveActions } from './levels.ts';
import { formatScope } from './scopes.ts';
import {
  asksAboutRevocation,
  type RequiredSigner,
  type RevocationTuning,
  type SignatureStatement,
  type TrustStatement,
} from './statement.ts';

/**
 * What a statement demands of signatures, as text that is equal for two statements exactly if they
 * demand the same, whatever their names and those of their signers, and however they are written.
 */
export function canonicalDemands(
  statement: SignatureStatement & Pick<TrustStatement, 'platforms'>,
): string {
  const {
    signatureVerification,
    signers,
    threshold,
    timestampStores,
    demands,
    platforms,
    revocation,
  } = statement;
  const actions = resolveActions(signatureVerification);
  if (actions.integrity === 'skip') return 'nothing';
  return JSON.stringify({
    actions: Object.entries(actions).sort(),
    signers: signers.map(canonicalSigner).sort(),
    threshold,
    timestampStores: unique(timestampStores.map(formatTrustStore)),
    // without a store of timestamp authorities no timestamp is looked at
    verifyTimestamp: timestampStores.length > 0 && signatureVerification.verifyTimestamp,
    metadata: [...(demands?.metadata ?? [])].sort(),
    maxAgeSeconds: demands?.maxAgeSeconds,
    platforms: platforms && unique(platforms.map(formatPlatform)),
    revocation: asksAboutRevocation(statement) ? canonicalRevocation(revocation) : undefined,
  });
}

/** The same for a whole policy: its scopes, each with what is demanded there. */
export function canonicalPolicy(statements: readonly TrustStatement[]): readonly string[] {
  return statements
    .flatMap((one) =>
      one.scopes.map((s) => `${formatScope(s)} ${one.name} ${canonicalDemands(one)}`),
    )
    .sort();
}

function canonicalRevocation(tuning: RevocationTuning = {}): object {
  const { timeoutSeconds, softFail = [], offline } = tuning;
  const passed = softFail.flatMap(({ hosts, methods, failures }) =>
    [...(hosts === 'any' ? ['*'] : hosts)].flatMap((host) =>
      [...methods].flatMap((method) => [...failures].map((one) => `${host} ${method} ${one}`)),
    ),
  );
  const ofAll = new Set(passed.filter((one) => one.startsWith('* ')));
  // what may be passed over of every host needs no host named
  const further = passed.filter((one) => !ofAll.has(one.replace(/^\S+/, '*')));
  const { directory, maxAgeSeconds } = offline ?? {};
  return { timeoutSeconds, softFail: unique([...ofAll, ...further]), directory, maxAgeSeconds };
}

function canonicalSigner({ trustStores, trustedIdentities, keys }: RequiredSigner): string {
  return JSON.stringify({
    stores: unique(trustStores.map(formatTrustStore)),
    identities: unique(trustedIdentities.map(canonicalIdentity)),
    keys: keys && unique([...keys]),
  });
}

function canonicalIdentity(identity: TrustedIdentity): string {
  if (identity.kind !== 'x509.subject') return `${identity.kind} ${identity.text}`;
  return JSON.stringify([...identity.attributes].sort());
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
