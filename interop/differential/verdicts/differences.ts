// Where nv2 and notation-go differ on purpose; docs/notation.md lists every one of them.
import type { VerdictCase } from './dimensions.ts';
import type { Finding } from './judges.ts';

/** One difference between what both sides find. */
export interface Difference {
  /** A line of docs/notation.md that tells of it begins so. */
  readonly documented: string;
  readonly cases: (one: VerdictCase) => boolean;
  /** What only nv2 finds, and what only the reference finds in its place. */
  readonly nv2?: RegExp;
  readonly reference?: RegExp;
}

/** All that are known. */
export const DIFFERENCES: readonly Difference[] = [
  {
    documented: '| an OCSP answer of a CA that encloses its own certificate |',
    cases: ({ revocation }) => revocation === 'OCSP of a CA with its certificate',
    reference: /^revocation .*: revocation unknown$/,
  },
  {
    documented: '| OCSP: answers of a responder, CertID, times |',
    cases: ({ revocation }) => revocation === 'OCSP by a certificate not for OCSP',
    nv2: /^revocation .*: revocation unknown$/,
  },
  {
    documented: '| a plugin that has a result for what it was not asked |',
    cases: ({ plugin }) => plugin === 'answers more than asked',
    nv2: /^beyond the checks: plugin with other results$/,
  },
  {
    documented: '| a critical signed attribute that nobody understands |',
    cases: ({ plugin }) => plugin === 'is not named, for an attribute',
    nv2: /^integrity .*: attribute unknown$/,
  },
  {
    documented: '| a critical signed attribute where the policy leaves its plugin nothing to do |',
    cases: ({ plugin, override }) =>
      plugin === 'is for revocation and leaves an attribute' && override === 'revocation=skip',
    nv2: /^beyond the checks: attribute not processed$/,
  },
  {
    documented: '| a signed attribute that is not critical, and that a plugin does not process |',
    cases: ({ plugin }) => plugin === 'leaves a remark',
    reference: /^beyond the checks: attribute not processed$/,
  },
  {
    documented: '| a plugin that cannot be used, and a signer whom the trust store does not know |',
    cases: ({ store }) => store !== 'root' && store !== 'intermediate',
    nv2: /^authenticity \(enforce\): (chain|store) /,
    reference: /^beyond the checks: plugin (missing|too old|that cannot verify)$/,
  },
  {
    documented: '| two reasons for one failed check |',
    cases: ({ store }) => store !== 'root' && store !== 'intermediate',
    nv2: /^authenticity \(log\): (chain|store) /,
    reference: /^authenticity \(log\): (identity|plugin) /,
  },
  {
    documented: '| two reasons for one failed check |',
    cases: ({ tsaStore }) => tsaStore === 'missing',
    nv2: /^authenticTimestamp .*: store missing$/,
    reference: /^authenticTimestamp .*: timestamp (damaged|for something else)$/,
  },
  {
    documented: '| a signature about something else, or without the metadata asked for, ',
    cases: ({ claims }) => claims === 'other artifact' || claims === 'other metadata',
    nv2: /^beyond the checks: (about another artifact|metadata missing)$/,
    reference: /^beyond the checks: plugin (fails|malformed)$/,
  },
];

/** Both findings of one case. */
export interface Compared {
  readonly nv2: Finding;
  readonly reference: Finding;
}

/**
 * The differences that explain all that both sides find otherwise; none if they find the same.
 * Undefined if something is left that none of them explains.
 */
export function explain(one: VerdictCase, found: Compared): readonly Difference[] | undefined {
  const known = DIFFERENCES.filter(({ cases }) => cases(one));
  return explainRest(known, linesOf(found.nv2), linesOf(found.reference));
}

function linesOf({ failed, verdict }: Finding): readonly string[] {
  return [...failed, verdict];
}

/** What is first found otherwise, and then what comes after it. */
function explainRest(
  known: readonly Difference[],
  ours: readonly string[],
  theirs: readonly string[],
): readonly Difference[] | undefined {
  const [our = '', ...ourRest] = ours;
  const [their = '', ...theirRest] = theirs;
  if (our === their) return our === '' ? [] : explainRest(known, ourRest, theirRest);
  const first = known.find(
    ({ nv2, reference }) => (nv2?.test(our) ?? true) && (reference?.test(their) ?? true),
  );
  if (first === undefined) return undefined;
  const told = [...(first.nv2 ? [our] : []), ...(first.reference ? [their] : [])];
  // what one side enforces ends it there, and the other alone goes on
  if (told.some((text) => !text.includes('(log)'))) return [first];
  const rest = explainRest(known, first.nv2 ? ourRest : ours, first.reference ? theirRest : theirs);
  return rest && [first, ...rest];
}
