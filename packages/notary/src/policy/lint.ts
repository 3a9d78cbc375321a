import { Nv2Error, nearestWord } from '@nv2/core';
import { parseReference } from '@nv2/oci';
import { type Certificate, formatNameGo } from '@nv2/x509';
import type { FileNote } from '../files/go-decode.ts';
import type { OfflineRevocation } from '../revocation/finding.ts';
import { formatTrustStore, type TrustStore } from '../truststore/trust-store.ts';
import type { ValuePath } from '../value-path.ts';
import { countSigners } from '../verify/quorum.ts';
import { didYouMean } from './did-you-mean.ts';
import { SUBJECT_PREFIX } from './identities.ts';
import { resolveActions } from './levels.ts';
import { lintPolicyFields } from './lint-fields.ts';
import { lintMirrors } from './lint-mirrors.ts';
import { lintRevocation } from './lint-revocation.ts';
import { formatScope, type Scope } from './scopes.ts';
import { type RequiredSigner, type TrustStatement, trustStoresOf } from './statement.ts';
import { parseSubjectDn } from './subject-dn.ts';

/** What lint looks for: the rules by their names. */
export const LINT_RULES = {
  'scope-unreachable': 'a scope that no reference can name',
  'scope-host-doubtful': 'a scope whose host looks like a part of a path, or has capital letters',
  'mirror-overlap': 'content comes under another statement by its mirror than by its own name',
  'store-unusable': 'a trust store that does not exist, is empty or cannot be read',
  'store-expired': 'a trust store of which every certificate has expired',
  'identity-of-authority': 'an identity that names the authority, not whom it certifies',
  'identity-shadowed': 'an identity beside one that accepts everybody',
  'signers-impossible': 'more signers than there are keys for them',
  'identity-unknown': 'an identity of no known kind, of nearly the name of one',
  'field-unknown': 'a field that is none and is ignored, of nearly the name of one',
  'field-misplaced': 'a field that is ignored where it stands, and belongs elsewhere',
  'field-twice': 'a field that is given more than once, of which the last decides',
  'fields-too-many': 'more fields that are ignored or given twice than are looked at',
  'everything-accepted': 'a statement over everything that does not enforce who signed',
  'revocation-without-effect':
    'the field revocation, or softFail in it, where a failed check of revocation changes nothing',
  'offline-unusable': 'a directory of answers about revocation that cannot be read, or holds none',
} as const;

/** The name of a rule. */
export type LintRule = keyof typeof LINT_RULES;

/** One finding. An `error` can never be met or chosen; a `warning` is doubtful. */
export interface LintFinding {
  readonly rule: LintRule;
  readonly severity: 'error' | 'warning';
  /** The place in the policy, from 0, and the name of the statement that it is about, if of one. */
  readonly index?: number;
  readonly statement?: string;
  /** Leads to the field that it is about, if of one. */
  readonly path?: ValuePath;
  readonly message: string;
}

/** A finding before it is known of which statement. */
export type Finding = Omit<LintFinding, 'index' | 'statement'>;

/**
 * What is valid in a policy and still cannot be meant: scopes and signers that nothing can meet, and
 * statements that let everything through. Of a policy in notation's format, also what its notes say of
 * fields that are ignored and hardly meant to be. Reads the trust stores, and directories of answers about
 * revocation.
 */
export async function lintPolicy(
  policy: {
    readonly statements: readonly TrustStatement[];
    readonly notes?: readonly FileNote[];
  },
  by: {
    readonly trustStore: TrustStore;
    readonly now: Date;
    /** Without it, directories of answers about revocation are not looked at. */
    readonly offlineRevocation?: OfflineRevocation;
  },
): Promise<readonly LintFinding[]> {
  const found = [...lintPolicyFields(policy)];
  for (const [index, statement] of policy.statements.entries()) {
    const stores = await readStores(statement, by.trustStore);
    const findings = [
      ...statement.scopes.flatMap(lintScope),
      ...lintMirrors(policy, statement),
      ...[...stores].flatMap(([name, store]) => lintStore(name, store, by.now)),
      ...statement.signers.flatMap((signer) => lintSigner(signer, stores)),
      ...lintThreshold(statement),
      ...lintLevel(statement),
      ...(await lintRevocation(statement, by.offlineRevocation)),
    ];
    found.push(...findings.map((one) => ({ ...one, index, statement: statement.name })));
  }
  return found;
}

type Store = readonly Certificate[] | { readonly problem: Nv2Error };

async function readStores(
  statement: TrustStatement,
  trustStore: TrustStore,
): Promise<ReadonlyMap<string, Store>> {
  const read = new Map<string, Store>();
  for (const reference of trustStoresOf(statement)) {
    const name = formatTrustStore(reference);
    if (read.has(name)) continue;
    try {
      read.set(name, await trustStore.certificates(reference.type, reference.name));
    } catch (problem) {
      if (!(problem instanceof Nv2Error)) throw problem;
      read.set(name, { problem });
    }
  }
  return read;
}

function lintScope(scope: Scope): readonly Finding[] {
  if (scope.kind === 'any') return [];
  const text = formatScope(scope);
  const host = scope.name.split('/', 1)[0] ?? '';
  const repository = scope.kind === 'repository' ? scope.name : `${scope.name}/any`;
  if (!isReference(`${repository}:any`)) {
    return [error('scope-unreachable', `no reference can name ${text}, so it is never chosen`)];
  }
  if (host !== host.toLowerCase()) {
    return [
      warning(
        'scope-host-doubtful',
        `${text} is refused for references that write the host in small letters, as most do`,
      ),
    ];
  }
  if (/[.:]/.test(host) || host === 'localhost') return [];
  return [
    warning(
      'scope-host-doubtful',
      `${text} is about a registry of the name ${host}; name the host`,
    ),
  ];
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch (problem) {
    if (problem instanceof Nv2Error) return false;
    throw problem;
  }
}

function lintStore(name: string, store: Store, now: Date): readonly Finding[] {
  if ('problem' in store) {
    return [error('store-unusable', `the trust store ${name}: ${store.problem.message}`)];
  }
  const isExpired = store.every(({ notAfter }) => notAfter < now.getTime());
  return isExpired
    ? [error('store-expired', `every certificate of the trust store ${name} has expired`)]
    : [];
}

function lintSigner(
  { name, trustStores, trustedIdentities }: RequiredSigner,
  stores: ReadonlyMap<string, Store>,
): readonly Finding[] {
  const found: Finding[] = [];
  const isAny = trustedIdentities.some(({ kind }) => kind === 'any');
  if (isAny && trustedIdentities.length > 1) {
    const message = `the signer ${quoted(name)} may be anybody, so its other identities say nothing`;
    found.push(warning('identity-shadowed', message));
  }
  const anchors = trustStores.flatMap((store) => {
    const read = stores.get(formatTrustStore(store));
    return read === undefined || 'problem' in read ? [] : read;
  });
  for (const identity of trustedIdentities) {
    if (identity.kind === 'other') found.push(...lintKind(identity.text));
    if (identity.kind !== 'x509.subject') continue;
    const authority = anchors.find((anchor) => isNameOf(identity.attributes, anchor));
    if (authority === undefined) continue;
    const message = `${quoted(identity.text)} of the signer ${quoted(name)} is the name of the authority itself; identities are compared with the certificate that signs`;
    found.push(warning('identity-of-authority', message));
  }
  return found;
}

// Others are for plugins, which may know them.
function lintKind(text: string): readonly Finding[] {
  const kind = text.slice(0, text.indexOf(':'));
  const meant = nearestWord(kind, [SUBJECT_PREFIX]);
  if (meant === undefined) return [];
  const message = `${quoted(text)} is of the kind ${quoted(kind)}, which only a plugin could know${didYouMean(meant)}`;
  return [warning('identity-unknown', message)];
}

// A certificate that signs must not be one of a CA: only what it issued can.
function isNameOf(attributes: ReadonlyMap<string, string>, anchor: Certificate): boolean {
  if (anchor.basicConstraints?.ca !== true || !attributes.has('CN')) return false;
  const parsed = parseSubjectDn(formatNameGo(anchor.subject));
  if ('problem' in parsed || parsed.attributes.size !== attributes.size) return false;
  return [...attributes].every(([type, value]) => parsed.attributes.get(type) === value);
}

// Who is known by a trust store alone may have any key: which ones it vouches for is not known here.
function lintThreshold({ signers, threshold }: TrustStatement): readonly Finding[] {
  const anyKey = signers.filter(({ keys }) => keys === undefined).length;
  const votes = signers.flatMap(({ keys = [] }, index) =>
    [...keys].map((key) => ({ key, signers: [String(index)] })),
  );
  const possible = anyKey + countSigners(votes);
  if (signers.length === 0 || possible >= threshold) return [];
  const message = `${threshold} signers are asked for, each with a key of its own, and with the keys that are named only ${possible} can sign`;
  return [error('signers-impossible', message)];
}

function lintLevel(statement: TrustStatement): readonly Finding[] {
  const { authenticity } = resolveActions(statement.signatureVerification);
  if (authenticity === 'enforce' || !statement.scopes.some(({ kind }) => kind === 'any')) return [];
  const what = authenticity === 'skip' ? 'asks for no signature' : 'accepts a signature of anybody';
  const message = `the statement is about everything that no other is about, and ${what}`;
  return [warning('everything-accepted', message)];
}

/** A finding about what can never be met or chosen. */
export function error(rule: LintRule, message: string): Finding {
  return { rule, severity: 'error', message };
}

/** A finding about what is hardly meant. */
export function warning(rule: LintRule, message: string): Finding {
  return { rule, severity: 'warning', message };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
