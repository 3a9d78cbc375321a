import type { FileNote } from '../files/go-decode.ts';
import { formatPath, type ValuePath } from '../value-path.ts';
import type { LintFinding, LintRule } from './lint.ts';
import { MAX_COMPARED_FIELDS, mistypedField } from './mistyped-field.ts';
import type { SignatureStatement } from './statement.ts';

/**
 * Fields of notation's format that are not read as they seem: they are ignored because their names are
 * mistyped, or another of the same name decides.
 */
export function lintPolicyFields({
  statements,
  notes = [],
}: {
  readonly statements: readonly Pick<SignatureStatement, 'name'>[];
  readonly notes?: readonly FileNote[];
}): readonly LintFinding[] {
  return notes.slice(0, MAX_COMPARED_FIELDS).flatMap((note) => {
    const found = findingOf(note);
    if (found === undefined) return [];
    const { rule, path, message } = found;
    const finding = { rule, severity: 'warning', path, message } as const;
    const [, index] = path;
    const name = typeof index === 'number' ? statements[index]?.name : undefined;
    if (typeof index !== 'number' || name === undefined) return [finding];
    return [{ ...finding, index, statement: name }];
  });
}

function findingOf(
  note: FileNote,
): { readonly rule: LintRule; readonly path: ValuePath; readonly message: string } | undefined {
  if (note.note === 'duplicate-key') {
    const [field = String(note.path.at(-1))] = note.fields ?? [];
    const path = [...note.path.slice(0, -1), field];
    const message = `${formatPath(path)} is there more than once, and what stands last decides`;
    return { rule: 'field-twice', path, message };
  }
  const mistyped = mistypedField(note);
  if (mistyped === undefined) return undefined;
  const { path, message } = mistyped;
  return { rule: 'field-unknown', path, message };
}
