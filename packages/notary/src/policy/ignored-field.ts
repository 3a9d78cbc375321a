import { nearestWord, quoted } from '@nv2/core';
import type { FileNote } from '../files/go-decode.ts';
import { formatPath, type ValuePath } from '../value-path.ts';
import { didYouMean } from './did-you-mean.ts';
import type { CheckName } from './levels.ts';
import type { LintRule } from './lint.ts';
import type { RawPolicy, RawSignatureVerification, RawStatement } from './oci-policy.ts';

/** How many names are compared at most: it takes its time, and a statement has ten fields. */
export const MAX_COMPARED_FIELDS = 1000;

/** A field that is ignored, as there is none of its name where it stands, and hardly meant to be. */
export interface IgnoredField {
  readonly rule: Extract<LintRule, 'field-unknown' | 'field-misplaced'>;
  readonly path: ValuePath;
  /** The name of the field that was probably meant: another, or its own where that belongs. */
  readonly meant: string;
  readonly message: string;
}

type FieldName =
  | keyof RawPolicy
  | keyof RawStatement
  | 'globalPolicy'
  | keyof RawSignatureVerification
  | Exclude<CheckName, 'integrity'>;

/** Every field of notation's format, and what it is a field of. */
const OWNERS: Readonly<Record<FieldName, string>> = {
  version: 'a trust policy',
  trustPolicies: 'a trust policy',
  name: 'a statement',
  registryScopes: 'a statement about images',
  globalPolicy: 'a statement about blobs',
  signatureVerification: 'a statement',
  trustStores: 'a statement',
  trustedIdentities: 'a statement',
  level: 'signatureVerification',
  override: 'signatureVerification',
  verifyTimestamp: 'signatureVerification',
  authenticity: 'override',
  authenticTimestamp: 'override',
  expiry: 'override',
  revocation: 'override',
};

/** The ignored field that a note of a policy in notation's format is about, if hardly meant to be. */
export function ignoredField({ note, path, fields }: FileNote): IgnoredField | undefined {
  if (note !== 'unknown-key' || fields === undefined) return undefined;
  const name = String(path.at(-1));
  const problem = `${quoted(name)} is no field of ${ownerOf(path)}`;
  const known = Object.entries(OWNERS).find(([one]) => one.toLowerCase() === name.toLowerCase());
  if (known !== undefined) {
    const [meant, owner] = known;
    const message = `${problem}; it belongs in ${owner}`;
    return { rule: 'field-misplaced', path, meant, message };
  }
  const meant = nearestWord(name, fields);
  if (meant === undefined) return undefined;
  return { rule: 'field-unknown', path, meant, message: `${problem}${didYouMean(meant)}` };
}

/** Whether a field that had to be there is ignored elsewhere: by another name, alone or with what has it. */
export function isReasonFor({ rule, path, meant }: IgnoredField, missing: ValuePath): boolean {
  if (rule === 'field-misplaced') return missing.includes(meant);
  return formatPath([...path.slice(0, -1), meant]) === formatPath(missing);
}

function ownerOf(path: ValuePath): string {
  const owner = path.at(-2);
  if (owner === undefined) return 'a trust policy';
  return typeof owner === 'number' ? 'a statement' : owner;
}
