type Source<T> = AsyncIterable<T> | Iterable<T>;

/** The same items, until a signal ends the wait for the next one. @throws the signal's reason */
export async function* untilAborted<T>(
  source: Source<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let isOver = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await orAborted(Promise.resolve(iterator.next()), signal);
      isOver = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // not awaited: a source that is silent must not hold up whoever ends it
    if (!isOver) Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
