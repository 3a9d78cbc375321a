import { isMap, isSeq, YAMLMap } from 'yaml';
import { type Found, type Place, unreadable } from './found.ts';
import { expandImageName } from './image-name.ts';
import { fieldOf, isMergeKey, isNothing, keyText, textOf } from './yaml-fields.ts';
import type { StreamDocument } from './yaml-stream.ts';

const RENDER = 'let "docker compose config" fill the file in, and scan what it prints';

/** Where one is. */
interface At {
  readonly path: string;
  readonly document: StreamDocument;
}

/**
 * The images that a Compose file has pulled to run its services: of the service itself, of what runs before
 * it, of what is mounted. A service with a build in place of an image is built where it runs, and has no
 * reference; one with neither takes it from elsewhere, and cannot be read.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md "image", "pre_start", "volumes"
 */
export function* composeImages(document: StreamDocument): Generator<Found> {
  const { contents, source, lineOf } = document;
  const services = isMap(contents) ? fieldOf(contents, 'services', document) : undefined;
  if (!isMap(contents) || !isMap(services)) {
    const problem = 'the document is no Compose file: it has no services';
    yield unreadable({ source, line: lineOf(contents) }, problem, { hint: RENDER });
    return;
  }
  const include = fieldOf(contents, 'include', document);
  if (include !== undefined) {
    const problem = 'other files are included, which are not looked at';
    yield unreadable({ source, line: lineOf(include) }, problem, { hint: RENDER });
  }
  for (const { key, value } of services.items) {
    const at = { path: `services.${keyText(key)}`, document };
    if (isMergeKey(key)) yield told(key, 'services are merged from elsewhere', at);
    else yield* imagesOfService(key, value, at);
  }
}

function* imagesOfService(key: unknown, value: unknown, at: At): Generator<Found> {
  const { document } = at;
  const given = document.resolve(value);
  const service = isMap(given) ? given : new YAMLMap<unknown, unknown>();
  const field = (name: string): unknown => fieldOf(service, name, document);
  if (field('image') === undefined && field('build') === undefined) {
    yield told(key, 'the service has neither an image nor a build', at);
  }
  const other = field('extends');
  // services of this file are looked at anyhow
  const isHere = isMap(other) ? fieldOf(other, 'file', document) === undefined : textOf(other);
  if (other !== undefined && !isHere) {
    const problem = 'the service extends one of another file, which is not looked at';
    yield told(other, problem, below(at, '.extends'));
  }
  yield* imagesOfContainer(service, at);
  for (const [step, place] of yield* itemsOf(field('pre_start'), below(at, '.pre_start'))) {
    if (isMap(step)) yield* imagesOfContainer(step, place);
    else yield told(step, 'a step is a map', place);
  }
}

function* imagesOfContainer(container: YAMLMap<unknown, unknown>, at: At): Generator<Found> {
  const image = fieldOf(container, 'image', at.document);
  if (image !== undefined) yield imageNamed(image, below(at, '.image'));
  const volumes = fieldOf(container, 'volumes', at.document);
  for (const [volume, place] of yield* itemsOf(volumes, below(at, '.volumes'))) {
    if (isMap(volume)) yield* imageMounted(volume, place);
    else if (textOf(volume) === undefined) yield told(volume, 'a volume is text or a map', place);
  }
}

function* imageMounted(volume: YAMLMap<unknown, unknown>, at: At): Generator<Found> {
  const type = textOf(fieldOf(volume, 'type', at.document));
  if (type === 'image') {
    const source = fieldOf(volume, 'source', at.document);
    yield imageNamed(source ?? volume, below(at, '.source'));
  } else if (type === undefined || type.includes('$')) {
    yield told(volume, 'the type of the volume is no text, or has a variable in it', at);
  }
}

function* itemsOf(list: unknown, at: At): Generator<Found, readonly (readonly [unknown, At])[]> {
  if (isSeq(list)) {
    return list.items.map((item, index) => [at.document.resolve(item), below(at, `[${index}]`)]);
  }
  if (!isNothing(list)) yield told(list, 'what should be a list is none', at);
  return [];
}

function imageNamed(image: unknown, at: At): Found {
  const text = textOf(image);
  const place = placeOf(image, at);
  if (text === undefined) return unreadable(place, 'the name of an image is text');
  if (!text.includes('$')) return { place, text: expandImageName(text) };
  return unreadable(place, 'the name of the image has a variable in it', { text, hint: RENDER });
}

function told(node: unknown, problem: string, at: At): Found {
  return unreadable(placeOf(node, at), problem, { hint: RENDER });
}

function placeOf(node: unknown, { path, document }: At): Place {
  return { source: document.source, line: document.lineOf(node), path };
}

function below({ path, document }: At, step: string): At {
  return { path: `${path}${step}`, document };
}
