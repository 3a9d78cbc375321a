/**
 * Does work on many items, at most `concurrency` at a time, and yields each result as it comes: memory
 * is that of the items under way. No item is taken before there is room for it; a result that nobody
 * has taken yet keeps its place. Leaving the loop takes no more items, and waits for those under way.
 *
 * @param work should not throw: the first error ends the whole
 * @param options.concurrency at least 1
 */
export async function* inParallel<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  { concurrency }: { readonly concurrency: number },
): AsyncGenerator<R> {
  const finished: (() => R)[] = [];
  const underWay = new Set<Promise<void>>();
  let wake = (): void => undefined;
  const start = (item: T): void => {
    const running = settle(work, item).then((result) => {
      underWay.delete(running);
      finished.push(result);
      wake();
    });
    underWay.add(running);
  };
  try {
    for await (const item of items) {
      start(item);
      while (underWay.size + finished.length >= concurrency) {
        if (finished.length === 0) await woken();
        yield* taken(finished);
      }
    }
    while (underWay.size > 0 || finished.length > 0) {
      if (finished.length === 0) await woken();
      yield* taken(finished);
    }
  } finally {
    await Promise.all(underWay);
  }

  // a race of all that are under way would hang a listener on the slow ones for every quick one
  function woken(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }
}

function* taken<R>(finished: (() => R)[]): Generator<R> {
  const result = finished.shift();
  if (result !== undefined) yield result();
}

async function settle<T, R>(work: (item: T) => Promise<R>, item: T): Promise<() => R> {
  try {
    const result = await work(item);
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
