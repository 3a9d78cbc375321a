import { isMap, isSeq, type YAMLMap } from 'yaml';
import { fieldOf, isNothing, textOf } from './yaml-fields.ts';
import type { StreamDocument } from './yaml-stream.ts';

type Map = YAMLMap<unknown, unknown>;

/** What is not as Kubernetes has it, so that an image in it is not found. */
export interface Misshapen {
  /** From the object that it is in, as in `.spec.containers[0]`. */
  readonly path: string;
  readonly node: unknown;
  readonly problem: string;
}

const OF_TEMPLATE = ['spec', 'template', 'spec'];
/** Where objects of Kubernetes' own kinds describe a pod. */
const POD_SPECS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', ['spec']],
  ['PodTemplate', ['template', 'spec']],
  ['CronJob', ['spec', 'jobTemplate', ...OF_TEMPLATE]],
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'].map(
    (kind): [string, readonly string[]] => [kind, OF_TEMPLATE],
  ),
]);
/** The API groups of these kinds; others may lawfully give the same names another meaning. */
const API_GROUPS = new Set(['', 'apps', 'batch', 'extensions']);
const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * What in an object of Kubernetes' own kinds, or a list of them, is not as its API has it, where an image
 * can be meant. Nothing of objects of other kinds.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
 */
export function* misshapenPods(object: Map, document: StreamDocument): Generator<Misshapen> {
  const kind = textOf(fieldOf(object, 'kind', document));
  if (kind === undefined) return;
  const [group = ''] =
    /^.*(?=\/)/.exec(textOf(fieldOf(object, 'apiVersion', document)) ?? '') ?? [];
  if (!API_GROUPS.has(group)) return;
  const spec = POD_SPECS.get(kind);
  if (spec !== undefined) yield* ofPodSpec({ path: '', node: object }, spec, document);
  if (!kind.endsWith('List')) return;
  const itemKind = kind.slice(0, -'List'.length);
  const itemSpec = POD_SPECS.get(itemKind);
  if (itemKind !== '' && itemSpec === undefined) return;
  for (const item of yield* mapsIn({ path: '', node: object }, 'items', document)) {
    // one that says its kind is an object of its own
    const isOwn = isKind(fieldOf(item.node, 'kind', document));
    if (itemSpec !== undefined && !isOwn) yield* ofPodSpec(item, itemSpec, document);
  }
}

interface At {
  readonly path: string;
  readonly node: Map;
}

function* ofPodSpec(
  object: At,
  steps: readonly string[],
  document: StreamDocument,
): Generator<Misshapen> {
  let pod: At | undefined = object;
  for (const step of steps) {
    pod = yield* mapAt(pod, step, document);
    if (pod === undefined) return;
  }
  for (const name of CONTAINERS) {
    for (const container of yield* mapsIn(pod, name, document)) {
      yield* imageName(container, 'image', document);
    }
  }
  for (const volume of yield* mapsIn(pod, 'volumes', document)) {
    const image = yield* mapAt(volume, 'image', document);
    if (image !== undefined) yield* imageName(image, 'reference', document);
  }
}

// Names that are no text are told where images are looked for.
function* imageName(
  { path, node }: At,
  name: string,
  document: StreamDocument,
): Generator<Misshapen> {
  const value = fieldOf(node, name, document);
  if (!isMap(value)) return;
  yield { path: `${path}.${name}`, node: value, problem: 'the name of an image is text' };
}

function* mapAt(
  { path, node }: At,
  name: string,
  document: StreamDocument,
): Generator<Misshapen, At | undefined> {
  const value = fieldOf(node, name, document);
  const at = `${path}.${name}`;
  if (isMap(value)) return { path: at, node: value };
  if (!isNothing(value)) yield { path: at, node: value, problem: `${name} is no map` };
  return undefined;
}

function* mapsIn(
  { path, node }: At,
  name: string,
  document: StreamDocument,
): Generator<Misshapen, readonly At[]> {
  const value = fieldOf(node, name, document);
  const at = `${path}.${name}`;
  if (!isSeq(value)) {
    if (!isNothing(value)) yield { path: at, node: value, problem: `${name} is no list` };
    return [];
  }
  const maps: At[] = [];
  for (const [index, given] of value.items.entries()) {
    const item = document.resolve(given);
    const place = { path: `${at}[${index}]`, node: item };
    if (isMap(item)) maps.push({ ...place, node: item });
    else yield { ...place, problem: `an item of ${name} is no map` };
  }
  return maps;
}

/** Whether this is a kind, and not empty or something else than text. */
export function isKind(node: unknown): boolean {
  return (textOf(node) ?? '') !== '';
}
