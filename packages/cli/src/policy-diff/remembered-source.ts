import type { ArtifactSource, Descriptor } from '@nv2/oci';

/**
 * A source that is asked each question once, whatever comes of it: who judges by two policies judges the
 * same answers, also where a registry changes them meanwhile. Lists are read as far as anybody needs.
 *
 * @param signal ends what is under way; those of the callers do not, since others may wait for it too
 */
export function rememberedSource(source: ArtifactSource, signal: AbortSignal): ArtifactSource {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(question: readonly unknown[], ask: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(question);
    const found = answers.get(key) as Promise<T> | undefined;
    if (found !== undefined) return found;
    const asked = ask();
    // whoever asked may have gone; the next one hears of it
    asked.catch(() => undefined);
    answers.set(key, asked);
    return asked;
  };
  const lists = new Map<string, AsyncIterable<Descriptor>>();
  return {
    resolve: (reference) =>
      once(['resolve', reference], () => source.resolve(reference, { signal })),
    fetchManifest: (descriptor) =>
      once(['manifest', ...keyOf(descriptor)], () => source.fetchManifest(descriptor, { signal })),
    fetchBlob: (descriptor, options) =>
      once(['blob', ...keyOf(descriptor), options.maxBytes], () =>
        source.fetchBlob(descriptor, { ...options, signal }),
      ),
    referrers: (subject, options) => {
      const key = JSON.stringify([subject.digest, options?.artifactType]);
      const list = lists.get(key) ?? shared(source.referrers(subject, { ...options, signal }));
      lists.set(key, list);
      return list;
    },
  };
}

function keyOf({ digest, size, mediaType }: Descriptor): readonly unknown[] {
  return [digest, size, mediaType];
}

// Each reader begins at the start, and the first that comes to an item has it fetched.
function shared<T>(list: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = list[Symbol.asyncIterator]();
  const pulled: Promise<IteratorResult<T>>[] = [];
  const pull = (index: number): Promise<IteratorResult<T>> => {
    const known = pulled[index];
    if (known !== undefined) return known;
    const next = iterator.next();
    next.catch(() => undefined);
    pulled[index] = next;
    return next;
  };
  return {
    async *[Symbol.asyncIterator]() {
      for (let index = 0; ; index++) {
        const { done, value } = await pull(index);
        if (done === true) return;
        yield value;
      }
    },
  };
}
