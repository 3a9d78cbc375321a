import { isMap, isScalar } from 'yaml';
import { type Found, unreadable } from './found.ts';
import { expandImageName } from './image-name.ts';
import { fieldOf, keyText } from './yaml-fields.ts';
import type { StreamDocument } from './yaml-stream.ts';

const RENDER = 'let "docker compose config" fill the file in, and scan what it prints';

/**
 * The images of a Compose file: `services.*.image`. A service with a build in place of one is built
 * where it runs, and has no reference; one with neither takes it from elsewhere, and cannot be read.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md "image"
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
  for (const { key, value } of services.items) yield* imageOf(key, value, document);
}

function* imageOf(key: unknown, value: unknown, document: StreamDocument): Generator<Found> {
  const { source, lineOf, resolve } = document;
  const service = resolve(value);
  const name = keyText(key);
  const field = (wanted: string): unknown =>
    isMap(service) ? fieldOf(service, wanted, document) : undefined;
  const image = field('image');
  if (image === undefined) {
    if (field('build') !== undefined) return;
    const place = { source, line: lineOf(key), path: `services.${name}` };
    yield unreadable(place, 'the service has neither an image nor a build', { hint: RENDER });
    return;
  }
  const place = { source, line: lineOf(image), path: `services.${name}.image` };
  const text = isScalar(image) ? image.value : undefined;
  if (typeof text !== 'string') {
    yield unreadable(place, 'the name of an image is text');
  } else if (text.includes('$')) {
    const problem = 'the name of the image has a variable in it';
    yield unreadable(place, problem, { text, hint: RENDER });
  } else {
    yield { place, text: expandImageName(text) };
  }
}
