import type { IncomingMessage } from 'node:http';

type Chunk = IteratorResult<Uint8Array, undefined>;

interface Reader {
  resolve(chunk: Chunk): void;
  reject(error: Error): void;
}

/**
 * The body of a message, chunk by chunk as it is asked for: what Node's own iterator does, at a
 * fifth of its cost for the small answers of a registry. It listens to the message only where it has
 * to wait: such an answer has mostly come whole before it is read.
 */
export class MessageChunks implements AsyncIterator<Uint8Array, undefined> {
  readonly #message: IncomingMessage;
  readonly #toError: (cause: unknown) => Error;
  /** Who waits for the next chunk. */
  #reader: Reader | undefined;
  #isListening = false;

  constructor(message: IncomingMessage, toError: (cause: unknown) => Error) {
    this.#message = message;
    this.#toError = toError;
  }

  /** @throws what `toError` makes of a fault of the connection */
  next(): Promise<Chunk> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  return(): Promise<Chunk> {
    if (!this.#message.readableEnded) this.#message.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const message = this.#message;
    const chunk: unknown = message.read();
    if (chunk instanceof Uint8Array) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
    } else if (message.readableEnded) {
      this.#reader = undefined;
      reader.resolve({ done: true, value: undefined });
    } else if (message.closed) {
      this.#reader = undefined;
      reader.reject(this.#toError(message.errored ?? new Error('the connection was closed')));
    } else if (!this.#isListening) {
      this.#listen();
    }
  }

  // the end is not told before Node says so: only then can the connection be used again
  #listen(): void {
    this.#isListening = true;
    const serve = (): void => this.#serve();
    // of a whole message nothing is still to come but its end
    if (!this.#message.complete) this.#message.on('readable', serve);
    this.#message.once('end', serve);
    this.#message.once('close', serve);
  }
}
