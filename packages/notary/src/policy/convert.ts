import type { JsonValue } from '@nv2/core';
import { encodeUtf8 } from '@nv2/core';
import { formatPlatform } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { formatTrustStore } from '../truststore/trust-store.ts';
import { canonicalPolicy } from './demands.ts';
import type { TrustedIdentity } from './identities.ts';
import { parseOciTrustPolicy } from './oci-policy.ts';
import { compileOwnPolicy } from './own/compile.ts';
import { OWN_POLICY_VERSION } from './own/document.ts';
import { formatScope, type Scope } from './scopes.ts';
import type { RequiredSigner, RevocationTuning, TrustStatement } from './statement.ts';

/** A document of either format, its fields in their canonical order. */
export type PolicyDocument = Readonly<Record<string, unknown>>;

/**
 * The statements as a document of nv2's own format that selects and demands the same.
 *
 * @throws NotaryError `NOTARY_POLICY_INEXPRESSIBLE` naming what that format cannot say
 */
export function toOwnDocument(statements: readonly TrustStatement[]): PolicyDocument {
  const document = { version: OWN_POLICY_VERSION, statements: statements.map(ownStatement) };
  assertSame(statements, 'nv2', () => compileOwnPolicy(jsonValue(document)).statements);
  return document;
}

/**
 * The statements as a document of notation's format that selects and demands the same; names of
 * signers are left out.
 *
 * @throws NotaryError `NOTARY_POLICY_INEXPRESSIBLE` naming what that format cannot say
 */
export function toNotationDocument(statements: readonly TrustStatement[]): PolicyDocument {
  const document = { version: '1.0', trustPolicies: statements.map(notationStatement) };
  const bytes = encodeUtf8(JSON.stringify(document));
  assertSame(statements, 'notation', () => parseOciTrustPolicy(bytes).statements);
  return document;
}

function ownStatement(statement: TrustStatement): object {
  const { name, scopes, signatureVerification, signers, timestampStores } = statement;
  const { level, override, verifyTimestamp } = signatureVerification;
  const stores = timestampStores.map((store) => store.name);
  return {
    name,
    scopes: scopes.map((scope) =>
      scope.kind === 'any' ? { any: true } : { [scope.kind]: scope.name },
    ),
    level,
    ...(override.size > 0 && { override: Object.fromEntries(override) }),
    ...(statement.revocation && { revocation: ownRevocation(statement.revocation) }),
    ...(stores.length > 0 && {
      timestamp: { stores, ...(verifyTimestamp !== 'always' && { verify: verifyTimestamp }) },
    }),
    ...(signers.length > 0 && { signers: signers.map((one) => ownSigner(one, name)) }),
    ...ownDemands(statement),
  };
}

function ownSigner(signer: RequiredSigner, of: string): object {
  const { name, trustStores, trustedIdentities, keys } = signer;
  if (trustStores.length === 0 && keys === undefined) {
    throw inexpressible(of, 'nv2', 'timestamping trust stores alone, under which nobody can sign');
  }
  return {
    name,
    ...(trustStores.length > 0 && {
      stores: trustStores.map(formatTrustStore),
      identities: trustedIdentities.map(ownIdentity),
    }),
    ...(keys !== undefined && { keys: [...keys].map((key) => `sha256:${key}`) }),
  };
}

function ownDemands({ signers, threshold, demands, platforms }: TrustStatement): object {
  const { metadata = new Map(), maxAgeSeconds } = demands ?? {};
  return {
    ...(signers.length > 1 && { require: { atLeast: threshold } }),
    ...(metadata.size > 0 && { metadata: Object.fromEntries(metadata) }),
    ...(maxAgeSeconds !== undefined && { maxAge: `${maxAgeSeconds}s` }),
    ...(platforms !== undefined && { platforms: platforms.map(formatPlatform) }),
  };
}

function ownRevocation({ timeoutSeconds, softFail, offline }: RevocationTuning): object {
  return {
    ...(timeoutSeconds !== undefined && { timeout: `${timeoutSeconds}s` }),
    ...(softFail && {
      softFail: softFail.map(({ hosts, methods, failures }) => ({
        ...(hosts === 'any' ? { any: true } : { hosts: [...hosts] }),
        methods: [...methods],
        failures: [...failures],
      })),
    }),
    ...(offline && {
      offline: { directory: offline.directory, maxAge: `${offline.maxAgeSeconds}s` },
    }),
  };
}

function ownIdentity(identity: TrustedIdentity): object {
  switch (identity.kind) {
    case 'any':
      return { any: true };
    case 'x509.subject':
      return { subject: subjectOf(identity.text) };
    case 'other':
      return { other: identity.text };
  }
}

function subjectOf(text: string): string {
  return text.slice(text.indexOf(':') + 1).trim();
}

function notationStatement(statement: TrustStatement): object {
  const { name, scopes, signatureVerification, signers, timestampStores } = statement;
  const { level, override, verifyTimestamp } = signatureVerification;
  assertPlain(statement);
  const [signer] = signers;
  return {
    name,
    registryScopes: scopes.map((scope) => notationScopeOf(scope, name)),
    signatureVerification: {
      level,
      ...(override.size > 0 && { override: Object.fromEntries(override) }),
      ...(verifyTimestamp !== 'always' && { verifyTimestamp }),
    },
    ...(signer !== undefined && {
      trustStores: [...signer.trustStores, ...timestampStores].map(formatTrustStore),
      trustedIdentities: signer.trustedIdentities.map(({ text }) => text),
    }),
  };
}

function assertPlain({ name, signers, demands, platforms, revocation }: TrustStatement): void {
  const [tuned] = Object.keys(revocation ?? {});
  if (tuned !== undefined) {
    throw inexpressible(name, 'notation', `revocation.${tuned.replace('Seconds', '')}`);
  }
  if (platforms !== undefined) throw inexpressible(name, 'notation', 'platforms');
  if (signers.length > 1)
    throw inexpressible(name, 'notation', `several signers (${signers.length})`);
  if (signers.some(({ keys }) => keys !== undefined)) {
    throw inexpressible(name, 'notation', 'pinned keys');
  }
  if ((demands?.metadata.size ?? 0) > 0) throw inexpressible(name, 'notation', 'metadata');
  if (demands?.maxAgeSeconds !== undefined) throw inexpressible(name, 'notation', 'maxAge');
}

function notationScopeOf(scope: Scope, name: string): string {
  if (scope.kind === 'any' || scope.kind === 'repository') return formatScope(scope);
  throw inexpressible(name, 'notation', `the scope ${scope.kind}: ${scope.name}`);
}

// Whatever was written is read again by the target's own rules, and compared.
function assertSame(
  before: readonly TrustStatement[],
  format: 'nv2' | 'notation',
  read: () => readonly TrustStatement[],
): void {
  let after: readonly TrustStatement[];
  try {
    after = read();
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw new NotaryError(
      'NOTARY_POLICY_INEXPRESSIBLE',
      `the format of ${format} cannot say it: ${cause.message}`,
      { cause, data: { format } },
    );
  }
  if (canonicalPolicy(before).join('\n') === canonicalPolicy(after).join('\n')) return;
  throw new TypeError('a converted policy does not demand the same');
}

function inexpressible(statement: string, format: string, feature: string): NotaryError {
  return new NotaryError(
    'NOTARY_POLICY_INEXPRESSIBLE',
    `the statement ${JSON.stringify(statement)} has what the format of ${format} cannot say: ${feature}`,
    { data: { statement, format, feature }, hint: 'keep the policy in the format that it is in' },
  );
}

function jsonValue(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return new Map(Object.entries(value).map(([key, one]) => [key, jsonValue(one)]));
}
