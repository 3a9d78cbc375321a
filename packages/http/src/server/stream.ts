import { ReadableStream } from 'node:stream/web';

const NATIVE = Symbol('nv2.nativeBody');

/**
 * A `Response` whose body comes from `chunks`. The listener of this package writes the chunks to
 * the socket itself; anyone else reads an ordinary web stream.
 *
 * A chunk needs to stay as it is only until the next one is asked for, so that a source may reuse
 * its buffers. The source is closed (`return`) when the reader stops early.
 */
export function streamResponse(chunks: AsyncIterable<Uint8Array>, init: ResponseInit): Response {
  const iterator = chunks[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(new Uint8Array(next.value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  const response = new Response(stream, init);
  Object.defineProperty(response, NATIVE, { value: { [Symbol.asyncIterator]: () => iterator } });
  return response;
}

/** The chunks of a response's body, by the shortest way. */
export function responseChunks(response: Response): AsyncIterable<Uint8Array> | undefined {
  const native = (response as { [NATIVE]?: AsyncIterable<Uint8Array> })[NATIVE];
  return native ?? response.body ?? undefined;
}
