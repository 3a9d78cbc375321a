// What a verdict depends on, each value by name. The first value of a dimension is the one with
// which a signature is good.
import { PLUGINS } from './plugins.ts';
import { REVOCATION_STATES } from './revocation-states.ts';

/** The values of every dimension. */
export const DIMENSIONS = {
  format: ['jws', 'cose'],
  scheme: ['notary.x509', 'notary.x509.signingAuthority'],
  level: ['strict', 'permissive', 'audit', 'skip'],
  override: [
    'none',
    'revocation=skip',
    'revocation=log',
    'revocation=enforce',
    'expiry=enforce',
    'authenticity=log',
    'authenticTimestamp=log',
    'authenticTimestamp=enforce',
  ],
  verifyTimestamp: ['default', 'always', 'afterCertExpiry'],
  tsaStore: ['none', 'right', 'wrong', 'missing'],
  timestamp: [
    'none',
    'openssl ts',
    'timestamp-server',
    'when the certificate was valid',
    'after the certificate expired',
    'of another signature',
    'of a revoked authority',
    'of an authority of unknown state',
    'of an authority for other purposes',
    'damaged',
  ],
  validity: ['valid', 'expired', 'not yet valid'],
  signedAt: ['within validity', 'before validity'],
  revocation: Object.keys(REVOCATION_STATES),
  expiry: ['none', 'future', 'past'],
  identity: ['any', 'matching', 'another', 'another kind'],
  store: ['root', 'intermediate', 'stranger', 'stranger and root', 'missing', 'empty', 'leaf'],
  plugin: Object.keys(PLUGINS),
  claims: ['right', 'metadata', 'other metadata', 'other artifact', 'damaged payload'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The name of a dimension. */
export type Dimension = keyof typeof DIMENSIONS;

/** One value of each dimension. */
export type VerdictCase = { readonly [D in Dimension]: (typeof DIMENSIONS)[D][number] };

const CONTEXT = ['format', 'scheme', 'level', 'override'] as const;

/**
 * Dimensions that are checked together, each group with all others good: what is checked late is
 * not to be hidden by what is checked before.
 */
export const GROUPS: readonly (readonly Dimension[])[] = [
  [...CONTEXT, 'revocation'],
  [...CONTEXT, 'verifyTimestamp', 'tsaStore', 'timestamp', 'validity', 'signedAt'],
  [...CONTEXT, 'expiry', 'identity', 'plugin', 'claims'],
];

/** Everything is good. */
export const GOOD: VerdictCase = Object.fromEntries(
  Object.entries(DIMENSIONS).map(([name, values]) => [name, values[0]]),
) as VerdictCase;

/** Whether two values cannot be in one case. */
export function isImpossible(values: Partial<VerdictCase>): boolean {
  const { level, override = 'none', scheme, timestamp = 'none' } = values;
  // a policy that skips everything overrides nothing: neither side reads another
  if (level === 'skip' && override !== 'none') return true;
  // the signing authority vouches for the time: its signatures have no timestamp
  return scheme === 'notary.x509.signingAuthority' && timestamp !== 'none';
}

/** Whether nothing else of a case is looked at, so that its other values do not meet. */
export function isHiding([name, value]: readonly [Dimension, string]): boolean {
  return (
    (name === 'level' && value === 'skip') || (name === 'claims' && value === 'damaged payload')
  );
}

/** A case in words: what is not good. */
export function describeCase(one: VerdictCase): string {
  const names = Object.keys(DIMENSIONS) as readonly Dimension[];
  const odd = names.filter((name) => one[name] !== GOOD[name]);
  return odd.map((name) => `${name}: ${one[name]}`).join('; ') || 'all good';
}
