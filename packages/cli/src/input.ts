import type { InputStream } from './context.ts';
import { CliError } from './errors.ts';
import { interrupted, untilAborted } from './interrupt.ts';
import { EMPTY_LINE, typeByte } from './typed-line.ts';

const MAX_INPUT_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** Reads standard input by lines, or as a whole; what one read leaves is there for the next. */
export class Input {
  readonly #stream: InputStream;
  readonly #signal: AbortSignal;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #buffered: Uint8Array = new Uint8Array();

  constructor({ stdin, signal }: { readonly stdin: InputStream; readonly signal: AbortSignal }) {
    this.#stream = stdin;
    this.#signal = signal;
  }

  /**
   * The next line without its end; undefined where the input has ended.
   * @throws CliError `CLI_FILE_TOO_LARGE`, `CLI_INTERRUPTED`
   */
  async readLine(): Promise<string | undefined> {
    let end = this.#buffered.indexOf(LINE_FEED);
    while (end < 0 && (await this.#fill())) end = this.#buffered.indexOf(LINE_FEED);
    if (end < 0 && this.#buffered.length === 0) return undefined;
    const line = end < 0 ? this.#buffered : this.#buffered.subarray(0, end);
    this.#buffered = end < 0 ? new Uint8Array() : this.#buffered.subarray(end + 1);
    return decode(line).replace(/\r$/, '');
  }

  /** Everything, without one line end at the end. @throws as {@link Input.readLine} */
  async readAll(): Promise<string> {
    while (await this.#fill());
    return decode(this.#buffered).replace(/\r?\n$/, '');
  }

  /**
   * A line that a terminal does not show while it is typed; elsewhere as {@link Input.readLine}.
   * Undefined where the input has ended, on a terminal by Ctrl-D.
   * @param ask called once nothing that is typed is shown any more
   * @throws CliError `CLI_FILE_TOO_LARGE`, `CLI_INTERRUPTED`
   */
  async readSecret(ask: () => void): Promise<string | undefined> {
    const { setRawMode } = this.#stream;
    setRawMode?.(true);
    try {
      ask();
      return setRawMode === undefined ? await this.readLine() : await this.#readTyped();
    } finally {
      setRawMode?.(false);
    }
  }

  async #readTyped(): Promise<string | undefined> {
    let line = EMPTY_LINE;
    do {
      line = this.#buffered.reduce(typeByte, line);
      this.#buffered = new Uint8Array();
    } while (line.state === 'typing' && (await this.#fill()));
    // a terminal that ends without Ctrl-D was closed
    if (line.state === 'interrupted' || line.state === 'typing') throw interrupted();
    if (line.state === 'ended') return undefined;
    return decode(Uint8Array.from(line.bytes));
  }

  /** All that is left, as it comes and of any length. @throws CliError `CLI_INTERRUPTED` */
  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#buffered.length > 0) yield this.#buffered;
    this.#buffered = new Uint8Array();
    for (;;) {
      const next = await this.#next();
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Lets go of the input, so that it does not keep the process. */
  close(): void {
    // a read that never ends, after an interrupt, would keep this waiting too
    this.#chunks?.return?.().catch(() => undefined);
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    this.#chunks ??= this.#stream[Symbol.asyncIterator]();
    return untilAborted(this.#chunks.next(), { signal: this.#signal });
  }

  async #fill(): Promise<boolean> {
    const next = await this.#next();
    if (next.done === true) return false;
    this.#buffered = Buffer.concat([this.#buffered, next.value]);
    if (this.#buffered.length > MAX_INPUT_BYTES) throw tooLong();
    return true;
  }
}

function tooLong(): CliError {
  return new CliError(
    'CLI_FILE_TOO_LARGE',
    `standard input is longer than ${MAX_INPUT_BYTES} bytes`,
    { data: { maxBytes: MAX_INPUT_BYTES } },
  );
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
