import type { FileNote } from '../files/go-decode.ts';
import { formatPath, type ValuePath } from '../value-path.ts';
import { type IgnoredField, ignoredField, MAX_COMPARED_FIELDS } from './ignored-field.ts';
import type { Finding, LintFinding, LintRule } from './lint.ts';
import type { SignatureStatement } from './statement.ts';

/**
 * Fields of notation's format that are not read as they seem: they are ignored because their names are
 * mistyped or belong elsewhere, or another of the same name decides. Where there are too many, the last
 * finding says how many were not looked at.
 */
export function lintPolicyFields({
  statements,
  notes = [],
}: {
  readonly statements: readonly Pick<SignatureStatement, 'name'>[];
  readonly notes?: readonly FileNote[];
}): readonly LintFinding[] {
  const found = notes.slice(0, MAX_COMPARED_FIELDS).flatMap((note): readonly LintFinding[] => {
    const one = findingOf(note);
    if (one === undefined) return [];
    const [, index] = one.path;
    const name = typeof index === 'number' ? statements[index]?.name : undefined;
    if (typeof index !== 'number' || name === undefined) return [one];
    return [{ ...one, index, statement: name }];
  });
  return [...found, ...restOf(notes.slice(MAX_COMPARED_FIELDS))];
}

function restOf(notes: readonly FileNote[]): readonly FieldFinding[] {
  const [first] = notes;
  if (first === undefined) return [];
  const message = `${notes.length} more fields that are ignored or given twice, from here on, were not looked at`;
  return [finding('fields-too-many', first.path, message)];
}

type FieldFinding = Finding & { readonly path: ValuePath };

function findingOf(note: FileNote): FieldFinding | undefined {
  if (note.note === 'duplicate-key') {
    const [field = String(note.path.at(-1))] = note.fields ?? [];
    const path = [...note.path.slice(0, -1), field];
    const message = `${formatPath(path)} is there more than once, and what stands last decides`;
    return finding('field-twice', path, message);
  }
  const ignored = ignoredField(note);
  if (ignored === undefined || isRemark(ignored)) return undefined;
  return finding(ignored.rule, ignored.path, ignored.message);
}

// No policy is valid without its version and the names of its statements: another one has no effect to lose.
function isRemark({ rule, meant }: IgnoredField): boolean {
  return rule === 'field-misplaced' && (meant === 'name' || meant === 'version');
}

function finding(rule: LintRule, path: ValuePath, message: string): FieldFinding {
  return { rule, severity: 'warning', path, message };
}
