import type { FileNote } from '../files/go-decode.ts';
import type { LintFinding } from './lint.ts';
import { mistypedField } from './mistyped-field.ts';
import type { TrustStatement } from './statement.ts';

/** Fields of notation's format that are ignored because their names are mistyped, as it seems. */
export function lintFields({
  statements,
  notes = [],
}: {
  readonly statements: readonly TrustStatement[];
  readonly notes?: readonly FileNote[];
}): readonly LintFinding[] {
  return notes.flatMap((note) => {
    const field = mistypedField(note);
    if (field === undefined) return [];
    const { path, message } = field;
    const finding = { rule: 'field-unknown', severity: 'warning', path, message } as const;
    const [, index] = path;
    const name = typeof index === 'number' ? statements[index]?.name : undefined;
    if (typeof index !== 'number' || name === undefined) return [finding];
    return [{ ...finding, index, statement: name }];
  });
}
