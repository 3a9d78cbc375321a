import { decodeUtf8, Nv2Error } from '@nv2/core';
import {
  type Document,
  isAlias,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { type Found, unreadable } from './found.ts';
import { type DocumentText, MAX_DOCUMENT_BYTES, splitDocuments } from './split-documents.ts';
import { DocumentError } from './yaml-fields.ts';

/** Nodes that are looked at in one document, those behind aliases each time. */
const MAX_NODES = 2_000_000;

/** Tags of maps and lists that some readers pass over, and others take for another shape. */
const OTHER_SHAPES = /^tag:yaml\.org,2002:(?!(?:map|seq)$)/;

/** What ends a line for some readers, so that a comment ends there, and a byte order mark that some skip. */
const DISPUTED = /[\u0085\u2028\u2029]|\r(?!\n)|^\uFEFF/m;

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

const TEMPLATE_HINT =
  'this looks like a template: scan what it is rendered to, as in "helm template CHART | nv2 scan --kubernetes -"';

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
    return [...find(openDocument(bytes, place))];
  } catch (cause) {
    // the parser recurses, and so does who looks for images
    if (cause instanceof RangeError) {
      return [unreadable(place, 'the document nests too deeply, or is too large', { cause })];
    }
    if (cause instanceof DocumentError) {
      const at = { source, line: cause.line };
      const hint = cause.hint ?? (Buffer.from(bytes).includes('{{') ? TEMPLATE_HINT : undefined);
      return [unreadable(at, cause.message, { cause, ...(hint && { hint }) })];
    }
    if (!(cause instanceof Nv2Error)) throw cause;
    return [unreadable(place, 'the document is not UTF-8 text', { cause })];
  }
}

function openDocument(
  bytes: Uint8Array,
  { source, line }: { readonly source: string; readonly line: number },
): StreamDocument {
  const counter = new LineCounter();
  const text = decodeUtf8(bytes);
  const document = parseDocument(text, {
    lineCounter: counter,
    // of two equal keys both are looked at, and comparing all of them takes quadratic time
    uniqueKeys: false,
    prettyErrors: false,
    // 'silent' would pass over what follows "..."
    logLevel: 'error',
  });
  const lineAt = (offset: number): number => line - 1 + counter.linePos(offset).line;
  checkText(text, lineAt);
  const [problem] = document.errors;
  if (problem !== undefined) throw syntaxError(problem, text, lineAt(problem.pos[0]));
  const lineOf = (node: unknown): number =>
    lineAt((node as { range?: readonly number[] } | null)?.range?.[0] ?? 0);
  return { source, contents: document.contents, resolve: resolver(document, lineOf), lineOf };
}

function checkText(text: string, lineAt: (offset: number) => number): void {
  const at = text.search(DISPUTED);
  if (at < 0) return;
  const character = `U+${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')}`;
  throw new DocumentError(
    `the character ${character} ends a line or is skipped here, for some readers of YAML alone`,
    { line: lineAt(at), hint: 'take it out, or write it as an escape within double quotes' },
  );
}

function syntaxError({ code, message, pos }: YAMLError, text: string, line: number): DocumentError {
  if (code === 'MULTIPLE_DOCS') {
    return new DocumentError('a document begins here without a line ---', { line });
  }
  const [at] = pos;
  if (text[at] === '{' && text.slice(0, at).trimEnd().endsWith('}')) {
    const hint = 'put a line --- between them';
    return new DocumentError('an object begins here after another has ended', { line, hint });
  }
  return new DocumentError(`the document is not YAML: ${message}`, { line });
}

// All of the document is checked, whatever part of it is looked at.
function resolver(
  document: Document,
  lineOf: (node: unknown) => number,
): (node: unknown) => unknown {
  const anchors = new Map<string, unknown>();
  const refuse = (problem: string, node: unknown): never => {
    throw new DocumentError(problem, { line: lineOf(node) });
  };
  visit(document, {
    Alias: (_, node) => {
      if (!anchors.has(node.source)) refuse(`no anchor before this is ${node.source}`, node);
    },
    Value: (_, node) => {
      if (!isScalar(node) && OTHER_SHAPES.test(node.tag ?? '')) {
        refuse('a tag makes something else of a map or list', node);
      }
      if (node.anchor === undefined) return;
      if (anchors.has(node.anchor)) refuse(`two anchors are ${node.anchor}`, node);
      anchors.set(node.anchor, node);
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && key.tag === undefined) return;
      refuse('a key is no plain text: it is an alias, has a tag, or is a map or list', key);
    },
  });
  let left = MAX_NODES;
  return (node) => {
    left -= 1;
    if (left < 0) throw new RangeError('too many nodes');
    return isAlias(node) ? anchors.get(node.source) : node;
  };
}
