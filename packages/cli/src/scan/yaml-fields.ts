import { isMap, isScalar, isSeq, Scalar, type YAMLMap } from 'yaml';
import type { StreamDocument } from './yaml-stream.ts';

type Item = YAMLMap<unknown, unknown>['items'][number];

/** A document cannot be read, or could mean two things. */
export class DocumentError extends Error {
  /** In the file; from 1. */
  readonly line: number;
  readonly hint: string | undefined;

  constructor(message: string, { line, hint }: { readonly line: number; readonly hint?: string }) {
    super(message);
    this.line = line;
    this.hint = hint;
  }
}

/**
 * The value of a field, also where the map has it from another by `<<`.
 *
 * @throws DocumentError where readers of YAML disagree on which value that is
 */
export function fieldOf(
  map: YAMLMap<unknown, unknown>,
  name: string,
  document: StreamDocument,
): unknown {
  const own = onlyItem(map, name, document);
  const merge = onlyItem(map, '<<', document);
  if (merge === undefined) return document.resolve(own?.value);
  const isOverridden = own !== undefined && map.items.indexOf(merge) < map.items.indexOf(own);
  const merged = isOverridden ? undefined : mergedField(merge.value, name, document);
  if (own === undefined) return merged;
  if (merged === undefined) return document.resolve(own.value);
  // kubectl takes the one that comes last, others the map's own
  throw new DocumentError(`the field ${name} stands before a << that has one too`, {
    line: document.lineOf(own.key),
    hint: 'put << before the fields that override what it merges',
  });
}

/** The text of a key whatever the version of YAML takes it for; empty where it is none. */
export function keyText(key: unknown): string {
  return isScalar(key) ? (key.source ?? '') : '';
}

/** Whether the key says that the fields of its value are those of the map. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<';
}

/** The text that a node is; undefined if it is something else. */
export function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

/** Whether there is no value, or null. */
export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (isScalar(value) && value.value === null);
}

function mergedField(value: unknown, name: string, document: StreamDocument): unknown {
  const given = document.resolve(value);
  for (const item of isSeq(given) ? given.items : [given]) {
    const source = document.resolve(item);
    const field = isMap(source) ? fieldOf(source, name, document) : undefined;
    if (field !== undefined) return field;
  }
  return undefined;
}

// Which of two equal fields counts is for each reader to say: what runs may not be what was verified.
function onlyItem(
  map: YAMLMap<unknown, unknown>,
  name: string,
  { lineOf }: StreamDocument,
): Item | undefined {
  const [first, second] = map.items.filter(({ key }) =>
    name === '<<' ? isMergeKey(key) : keyText(key) === name,
  );
  if (second === undefined) return first;
  throw new DocumentError(`there are two fields ${name} in one`, { line: lineOf(second.key) });
}
