import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { type Found, type Place, unreadable } from './found.ts';
import { expandImageName } from './image-name.ts';
import { isKind, misshapenPods } from './pod-shapes.ts';
import { fieldOf, isNothing, keyText, textOf } from './yaml-fields.ts';
import type { StreamDocument } from './yaml-stream.ts';

/** Fields that list containers: of pods, of Tekton's tasks (steps, sidecars). */
const CONTAINER_LISTS = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
  'steps',
  'sidecars',
]);
/** Fields that are one container: of Argo's workflows, of Tekton's tasks. */
const CONTAINERS = new Set(['container', 'script', 'stepTemplate']);

/**
 * The images that the objects of a Kubernetes manifest run, wherever in it a pod is described: so lists
 * and custom resources are covered without knowing their kinds. Of Kubernetes' own, what is not as its API
 * has it is told, since it may hide an image.
 */
export function* kubernetesImages(document: StreamDocument): Generator<Found> {
  const { contents, source, lineOf } = document;
  if (isNothing(contents)) return;
  if (!isMap(contents) || !isKind(fieldOf(contents, 'kind', document))) {
    const problem = 'the document is no Kubernetes object: it has no kind';
    yield unreadable({ source, line: lineOf(contents) }, problem);
    return;
  }
  yield* imagesBelow(contents, { object: '', path: '' }, document);
}

/** Where one is: the innermost object with a kind, and the path from it. */
interface Position {
  readonly object: string;
  readonly path: string;
}

function* imagesBelow(
  given: unknown,
  position: Position,
  document: StreamDocument,
): Generator<Found> {
  const node = document.resolve(given);
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      yield* imagesBelow(item, below(position, `[${index}]`), document);
    }
  }
  if (!isMap(node)) return;
  const here = objectName(node, document) ?? position;
  for (const { path, node: part, problem } of misshapenPods(node, document)) {
    yield unreadable(
      placeAt(below(here, here.path === '' ? path.slice(1) : path), part, document),
      problem,
    );
  }
  for (const { key, value } of node.items) {
    const name = keyText(key);
    const at = below(here, here.path === '' ? name : `.${name}`);
    yield* imagesOfField(name, document.resolve(value), { at, document });
    yield* imagesBelow(value, at, document);
  }
}

function* imagesOfField(
  name: string,
  value: unknown,
  { at, document }: { readonly at: Position; readonly document: StreamDocument },
): Generator<Found> {
  if (CONTAINERS.has(name)) yield* imageOf(value, ['image'], { at, document });
  if (!isSeq(value)) return;
  const path = CONTAINER_LISTS.has(name) ? ['image'] : ['image', 'reference'];
  if (!CONTAINER_LISTS.has(name) && name !== 'volumes') return;
  for (const [index, item] of value.items.entries()) {
    yield* imageOf(document.resolve(item), path, { at: below(at, `[${index}]`), document });
  }
}

function* imageOf(
  container: unknown,
  path: readonly string[],
  { at, document }: { readonly at: Position; readonly document: StreamDocument },
): Generator<Found> {
  let node = container;
  for (const step of path) node = isMap(node) ? fieldOf(node, step, document) : undefined;
  if (node === undefined || node === null) return;
  const place = placeAt(below(at, `.${path.join('.')}`), node, document);
  const text = textOf(node);
  if (text !== undefined) {
    yield { place, text: expandImageName(text) };
  } else if (!isMap(node)) {
    yield unreadable(place, 'the name of an image is text');
  }
}

function placeAt({ object, path }: Position, node: unknown, document: StreamDocument): Place {
  return { source: document.source, line: document.lineOf(node), path: `${object}${path}` };
}

function objectName(
  node: YAMLMap<unknown, unknown>,
  document: StreamDocument,
): Position | undefined {
  const kind = fieldOf(node, 'kind', document);
  const metadata = fieldOf(node, 'metadata', document);
  if (!isScalar(kind) || !isMap(metadata)) return undefined;
  const name = fieldOf(metadata, 'name', document);
  return { object: `${kind.value}/${isScalar(name) ? name.value : ''} `, path: '' };
}

function below({ object, path }: Position, step: string): Position {
  return { object, path: `${path}${step}` };
}
