/** Values that scripts name in double braces. */
export type ScriptValues = Map<string, string>;

const PATTERNS: ReadonlyMap<string, string> = new Map([
  ['digest', 'sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})'],
  ['hex', '[0-9a-f]{64}'],
  ['time', '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:Z|[+-]\\d{2}:\\d{2})'],
  ['date', '[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}'],
  ['port', '\\d{1,5}'],
  ['*', '.*'],
  ['end', ''],
]);
const PLACEHOLDER = /\{\{([^{}]+)\}\}/g;

/** The text with the known values in place of their names; patterns stay as they are. */
export function substitute(text: string, values: ScriptValues): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => values.get(name) ?? whole);
}

/** Whether the output has the expected lines; captures are added to `values`. */
export function matchLines(
  output: string,
  expected: readonly string[],
  values: ScriptValues,
): boolean {
  const lines = output.split('\n');
  const complete = lines.pop() === '';
  if (!complete && output !== '') lines.push(`${output.slice(output.lastIndexOf('\n') + 1)}`);
  return matchFrom(lines, expected, values);
}

function matchFrom(
  lines: readonly string[],
  expected: readonly string[],
  values: ScriptValues,
): boolean {
  const [first, ...others] = expected;
  if (first === undefined) return lines.length === 0;
  if (first === '...') {
    return Array.from({ length: lines.length + 1 }, (_, skipped) => skipped).some((skipped) =>
      matchFrom(lines.slice(skipped), others, values),
    );
  }
  const [line, ...rest] = lines;
  return line !== undefined && matchLine(line, first, values) && matchFrom(rest, others, values);
}

function matchLine(line: string, expected: string, values: ScriptValues): boolean {
  const captures: string[] = [];
  const known = substitute(expected, values);
  const source = known
    .split(/(\{\{[^{}]+\}\})/)
    .map((part) => toPattern(part, captures))
    .join('');
  const match = new RegExp(`^${source}$`).exec(line);
  if (match === null) return false;
  captures.forEach((name, i) => {
    values.set(name, match[i + 1] ?? '');
  });
  return true;
}

function toPattern(part: string, captures: string[]): string {
  const placeholder = /^\{\{([^{}:]+)(?::([^{}]+))?\}\}$/.exec(part);
  const [, kind = '', capture] = placeholder ?? [];
  const pattern = PATTERNS.get(kind);
  if (placeholder === null || pattern === undefined) {
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  if (capture === undefined) return `(?:${pattern})`;
  captures.push(capture);
  return `(${pattern})`;
}
