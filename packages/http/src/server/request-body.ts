import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReadableStream } from 'node:stream/web';
import { HttpError } from '../errors.ts';
import type { PaceKeeper } from './pace.ts';

/** Whether HTTP/1.1 framing announces a body (RFC 9112 6.3). */
export function hasBody(message: IncomingMessage): boolean {
  const length = message.headers['content-length'];
  return (
    message.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  );
}

/**
 * The chunks of a request's body at the pace of its reader. The client is told to go on
 * (`100 Continue`) only when the first chunk is asked for, so that a refusal comes before the body.
 */
export async function* requestChunks(
  message: IncomingMessage,
  response: ServerResponse,
  keeper: PaceKeeper,
): AsyncGenerator<Uint8Array> {
  if (!hasBody(message)) return;
  const waits = message.headers.expect?.toLowerCase() === '100-continue';
  if (waits && !response.headersSent) response.writeContinue();
  let slow = false;
  const pace = keeper.watch(() => {
    slow = true;
    message.socket.destroy();
  });
  // the connection outlives a reader that stops early: it still has to carry the answer
  const chunks: AsyncIterator<Uint8Array> = message.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      pace.begin();
      const next = await chunks.next();
      if (next.done === true) break;
      pace.end(next.value.length);
      try {
        yield next.value;
      } finally {
        release(next.value);
      }
    }
  } catch (cause) {
    throw slow
      ? new HttpError('HTTP_CLIENT_TOO_SLOW', 'the client sent its body too slowly', { cause })
      : new HttpError('HTTP_CLIENT_GONE', 'the client left before its body was complete', {
          cause,
        });
  } finally {
    pace.stop();
    await chunks.return?.();
  }
  if (!message.complete) {
    throw new HttpError('HTTP_CLIENT_GONE', 'the client left before its body was complete');
  }
}

/**
 * Gives the memory of a chunk back at once. The collector would let up to 64 MB of chunks gather:
 * they are large, but the objects that stand for them are not.
 */
function release(chunk: Uint8Array): void {
  if (chunk.byteLength !== chunk.buffer.byteLength) return;
  const { buffer } = chunk as { readonly buffer: { transfer?: (byteLength: number) => unknown } };
  buffer.transfer?.(0);
}

/** The chunks as a web stream that reads nothing before it is asked. */
export function webBody(chunks: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(new Uint8Array(next.value));
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Reads away what the handler left of the body, so that the client gets to read the answer instead
 * of a reset; past `maxBytes` the connection is cut.
 */
export async function drainRequest(
  message: IncomingMessage,
  options: { readonly keeper: PaceKeeper; readonly maxBytes: number },
): Promise<void> {
  if (message.complete && message.readableLength === 0) {
    message.resume();
    return;
  }
  const pace = options.keeper.watch(() => message.socket.destroy());
  let bytes = 0;
  try {
    pace.begin();
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      const { length } = chunk as Uint8Array;
      pace.end(length);
      bytes += length;
      if (bytes > options.maxBytes) {
        message.socket.destroy();
        return;
      }
      pace.begin();
    }
  } catch {
    // the client is gone, which is as good as drained
  } finally {
    pace.stop();
  }
}
