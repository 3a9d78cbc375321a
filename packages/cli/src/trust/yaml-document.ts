import { decodeUtf8, type JsonValue, Nv2Error, shortened } from '@nv2/core';
import { formatPath, NotaryError, type ValuePath } from '@nv2/notary';
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { REPEATED_KEY, repeatedKey } from './repeated-key.ts';

/** A YAML or JSON text as the value that it stands for, and where everything in it is. */
export interface PlacedDocument {
  readonly value: JsonValue;
  /** `line:column`, both from 1, of the value, or the field's name, that a path leads to. */
  readonly place: (path: ValuePath) => string;
}

/** The file that a document was read from. */
export interface DocumentFile {
  /** What messages call it. */
  readonly name: string;
  /** Where it is, if its name does not say. */
  readonly path?: string | undefined;
  /** What is to be done about a mistake in it. */
  readonly correction: string;
}

/** Collections within collections deeper than this are refused. */
const MAX_DEPTH = 32;

/**
 * Reads one YAML 1.2 document of plain values, of which JSON is a part. What documents of trust have
 * no use for is refused: equal keys, anchors and aliases, tags, keys that are not text, several
 * documents, numbers that are not whole.
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`, with line and column unless it is not UTF-8
 */
export function readYaml(bytes: Uint8Array, file: DocumentFile): PlacedDocument {
  const text = textOf(bytes, file);
  assertShallow(text, file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    // 'silent' would pass over all documents but the first
    logLevel: 'error',
  });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${line}:${col}`;
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw refuse(file, at(problem.pos[0]), yamlProblem(problem));
  visit(document, {
    Node: (_, node) => {
      const unwanted = unwantedIn(node);
      if (unwanted !== undefined) throw refuse(file, at(node.range?.[0] ?? 0), unwanted);
      const key = isMap(node) ? rangeOf(repeatedKey(node)) : undefined;
      if (key !== undefined) throw refuse(file, at(key), REPEATED_KEY);
    },
  });
  const place = (path: ValuePath): string => at(offsetOf(document, path));
  return { value: toValue(document.contents), place };
}

/** What is wrong with a text, in words of bounded length. */
export function yamlProblem({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins here' : shortened(message);
}

/** The same error with the place in the file where it has a path, in front of its message. */
export function placed(
  error: unknown,
  { name: file, correction }: DocumentFile,
  { place }: PlacedDocument,
): unknown {
  if (!(error instanceof NotaryError) || error.code !== 'NOTARY_OWN_POLICY_INVALID') return error;
  const path = (error.data['path'] ?? []) as ValuePath;
  const { message } = error.data;
  const where = formatPath(path);
  const words = where === '' ? String(message) : `${where}: ${String(message)}`;
  return new NotaryError(error.code, `${file}:${place(path)}: ${words}`, {
    cause: error,
    data: { ...error.data, file },
    hint: error.hint ?? correction,
  });
}

function textOf(bytes: Uint8Array, { name, path: file = name }: DocumentFile): string {
  try {
    return decodeUtf8(bytes).replace(/^\uFEFF/, '');
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw new NotaryError('NOTARY_OWN_POLICY_INVALID', `${file}: the file is not UTF-8 text`, {
      cause,
      data: { path: [], file },
      hint: `save ${file} as UTF-8`,
    });
  }
}

// The parser recurses: what nests too deeply must not reach it. Indentation can nest too, a level a
// column at least.
function assertShallow(text: string, file: DocumentFile): void {
  let depth = 0;
  for (const [index, letter] of [...text].entries()) {
    if (letter === '[' || letter === '{') depth += 1;
    else if (letter === ']' || letter === '}') depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) throw refuse(file, `character ${index + 1}`, TOO_DEEP);
  }
  const indented = /^(?:[ ]|- |\? |: ){200}/m.exec(text);
  if (indented !== null) throw refuse(file, `character ${indented.index + 1}`, TOO_DEEP);
}

const TOO_DEEP = `collections nest more than ${MAX_DEPTH} levels deep`;

function unwantedIn(node: Node): string | undefined {
  if (isAlias(node)) return 'aliases are not allowed here: write the value out';
  if ('anchor' in node && node.anchor !== undefined) return 'anchors are not allowed here';
  if (node.tag !== undefined && !isOrdinary(node.tag))
    return `the tag ${node.tag} is not allowed here`;
  if (isMap(node)) {
    const odd = node.items.find(({ key }) => !isScalar(key) || typeof key.value !== 'string');
    return odd === undefined ? undefined : 'the names of fields are text';
  }
  if (isScalar(node) && typeof node.value === 'number' && !Number.isSafeInteger(node.value)) {
    return 'only whole numbers are allowed here; text goes in quotes';
  }
  if (isScalar(node) && typeof node.value === 'bigint') return 'the number is too large';
  return undefined;
}

// The parser notes these itself where nothing is written.
function isOrdinary(tag: string): boolean {
  return /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(tag);
}

function toValue(node: unknown): JsonValue {
  if (isMap(node)) {
    return new Map(
      node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', toValue(value)]),
    );
  }
  if (isSeq(node)) return node.items.map(toValue);
  if (isScalar(node)) return node.value as string | number | boolean | null;
  return null;
}

function offsetOf(document: Document, path: ValuePath): number {
  let node: unknown = document.contents;
  let offset = rangeOf(node);
  for (const step of path) {
    if (!isCollection(node)) break;
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && key.value === step)
      : undefined;
    node = pair?.value ?? node.get(step, true);
    offset = rangeOf(pair?.key) ?? rangeOf(node) ?? offset;
  }
  return offset ?? 0;
}

function rangeOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) ? node.range?.[0] : undefined;
}

function refuse(
  { name: file, correction }: DocumentFile,
  place: string,
  problem: string,
): NotaryError {
  return new NotaryError('NOTARY_OWN_POLICY_INVALID', `${file}:${place}: ${problem}`, {
    data: { path: [], file, message: problem },
    hint: correction,
  });
}
