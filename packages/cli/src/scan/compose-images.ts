import { isMap, isScalar } from 'yaml';
import { type Found, unreadable } from './found.ts';
import { expandImageName } from './image-name.ts';
import { fieldOf, type StreamDocument } from './yaml-stream.ts';

const RENDER = 'let "docker compose config" fill the file in, and scan what it prints';

/**
 * The images of a Compose file: `services.*.image`. A service without one is built where it runs, and
 * has no reference.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md "image"
 */
export function* composeImages(document: StreamDocument): Generator<Found> {
  const { contents, source, lineOf, resolve } = document;
  const services = isMap(contents) ? fieldOf(contents, 'services', document) : undefined;
  if (!isMap(services)) {
    const problem = 'the document is no Compose file: it has no services';
    yield unreadable({ source, line: lineOf(contents) }, problem, { hint: RENDER });
    return;
  }
  for (const { key, value } of services.items) {
    const service = resolve(value);
    const image = isMap(service) ? fieldOf(service, 'image', document) : undefined;
    if (image === undefined) continue;
    const name = isScalar(key) ? String(key.value) : '';
    const place = { source, line: lineOf(image), path: `services.${name}.image` };
    const text = isScalar(image) ? String(image.value) : '';
    if (text.includes('$')) {
      const problem = 'the name of the image has a variable in it';
      yield unreadable(place, problem, { text, hint: RENDER });
    } else {
      yield { place, text: expandImageName(text) };
    }
  }
}
