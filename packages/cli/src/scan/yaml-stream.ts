import { decodeUtf8, Nv2Error } from '@nv2/core';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type Found, unreadable } from './found.ts';
import { type DocumentText, MAX_DOCUMENT_BYTES, splitDocuments } from './split-documents.ts';

/** Nodes that are looked at in one document, those behind aliases each time. */
const MAX_NODES = 2_000_000;

/** One document of a YAML stream, and how to find one's way in it. */
export interface StreamDocument {
  readonly source: string;
  readonly contents: unknown;
  /** The node itself, or the one that an alias stands for. */
  readonly resolve: (node: unknown) => unknown;
  /** Of a node, in the file; from 1. */
  readonly lineOf: (node: unknown) => number;
}

/**
 * What `find` finds in each document of a YAML or JSON stream. The documents are read one by one, and
 * one that cannot be read is one thing that is wrong.
 */
export async function* readYamlStream(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  find: (document: StreamDocument) => Iterable<Found>,
): AsyncGenerator<Found> {
  for await (const text of splitDocuments(chunks)) yield* searched(text, source, find);
}

function searched(
  { line, bytes }: DocumentText,
  source: string,
  find: (document: StreamDocument) => Iterable<Found>,
): readonly Found[] {
  const place = { source, line };
  if (bytes === undefined) {
    return [unreadable(place, `the document is larger than ${MAX_DOCUMENT_BYTES} bytes`)];
  }
  try {
    const document = openDocument(bytes, place);
    return 'error' in document ? [document] : [...find(document)];
  } catch (cause) {
    // the parser recurses, and so does who looks for images
    if (cause instanceof RangeError) {
      return [unreadable(place, 'the document nests too deeply, or is too large', { cause })];
    }
    if (cause instanceof AmbiguousError) return [unreadable(place, cause.message, { cause })];
    if (!(cause instanceof Nv2Error)) throw cause;
    return [unreadable(place, 'the document is not UTF-8 text', { cause })];
  }
}

function openDocument(
  bytes: Uint8Array,
  { source, line }: { readonly source: string; readonly line: number },
): StreamDocument | Required<Found> {
  const counter = new LineCounter();
  const document = parseDocument(decodeUtf8(bytes).replace(/^\uFEFF/, ''), {
    lineCounter: counter,
    // of two equal keys both are looked at, and comparing all of them takes quadratic time
    uniqueKeys: false,
    prettyErrors: false,
    // 'silent' would pass over what follows "..."
    logLevel: 'error',
  });
  const lineAt = (offset: number): number => line - 1 + counter.linePos(offset).line;
  const [problem] = document.errors;
  if (problem !== undefined) {
    const place = { source, line: lineAt(problem.pos[0]) };
    if (problem.code === 'MULTIPLE_DOCS') {
      return unreadable(place, 'a document begins here without a line ---');
    }
    return unreadable(place, `the document is not YAML: ${problem.message}`);
  }
  return {
    source,
    contents: document.contents,
    resolve: resolver(document),
    lineOf: (node) => lineAt((node as { range?: readonly number[] } | null)?.range?.[0] ?? 0),
  };
}

function resolver(document: Document): (node: unknown) => unknown {
  const anchors = new Map<string, unknown>();
  visit(document, {
    Node: (_, node) => {
      if (!('anchor' in node) || typeof node.anchor !== 'string') return;
      if (anchors.has(node.anchor)) throw new AmbiguousError(`two anchors are ${node.anchor}`);
      anchors.set(node.anchor, node);
    },
  });
  let left = MAX_NODES;
  return (node) => {
    left -= 1;
    if (left < 0) throw new RangeError('too many nodes');
    return isAlias(node) ? anchors.get(node.source) : node;
  };
}

/** The value of a field, also where the map has it from another by `<<`. */
export function fieldOf(
  map: YAMLMap<unknown, unknown>,
  name: string,
  { resolve }: Pick<StreamDocument, 'resolve'>,
): unknown {
  const own = onlyItem(map, name);
  if (own !== undefined) return resolve(own.value);
  const merged = resolve(onlyItem(map, '<<')?.value);
  const sources = isSeq(merged) ? merged.items.map(resolve) : [merged];
  for (const source of sources) {
    const value = isMap(source) ? fieldOf(source, name, { resolve }) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

// Which of two equal fields counts is for each reader to say: what runs may not be what was verified.
function onlyItem(
  map: YAMLMap<unknown, unknown>,
  name: string,
): YAMLMap<unknown, unknown>['items'][number] | undefined {
  const [first, second] = map.items.filter(({ key }) => isScalar(key) && key.value === name);
  if (second !== undefined) throw new AmbiguousError(`there are two fields ${name} in one`);
  return first;
}

/** The document could mean two things. */
class AmbiguousError extends Error {}
