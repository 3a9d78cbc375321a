import type { IncomingMessage } from 'node:http';

type Chunk = IteratorResult<Uint8Array, undefined>;

interface Reader {
  resolve(chunk: Chunk): void;
  reject(error: Error): void;
}

/**
 * The body of a message, chunk by chunk as it is asked for: what Node's own iterator does, at a
 * fifth of its cost for the small answers of a registry.
 */
export class MessageChunks implements AsyncIterator<Uint8Array, undefined> {
  readonly #message: IncomingMessage;
  /** Who waits for the next chunk. */
  #reader: Reader | undefined;
  #end: 'ended' | Error | undefined;

  constructor(message: IncomingMessage, toError: (cause: unknown) => Error) {
    this.#message = message;
    if (message.readableEnded) this.#end = 'ended';
    else if (message.closed) this.#end = toError(new Error('the connection was closed'));
    message.on('readable', () => this.#serve());
    message.once('end', () => this.#finish('ended'));
    message.once('error', (cause) => this.#finish(toError(cause)));
    message.once('close', () => {
      if (this.#end === undefined) this.#finish(toError(new Error('the connection was closed')));
    });
  }

  /** @throws what `toError` makes of a fault of the connection */
  next(): Promise<Chunk> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  return(): Promise<Chunk> {
    if (this.#end === undefined) this.#message.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const chunk: unknown = this.#message.read();
    if (chunk instanceof Uint8Array) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
    } else if (this.#end !== undefined) {
      this.#reader = undefined;
      if (this.#end === 'ended') reader.resolve({ done: true, value: undefined });
      else reader.reject(this.#end);
    }
  }

  #finish(end: 'ended' | Error): void {
    this.#end ??= end;
    this.#serve();
  }
}
