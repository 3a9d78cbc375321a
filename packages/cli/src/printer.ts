import type { OutputStream } from './context.ts';
import { formatJson } from './text/go-json.ts';
import { printable, printableLines } from './text/printable.ts';

/** Writes results to standard output and warnings to standard error, never raw control characters. */
export class Printer {
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;

  constructor(stdout: OutputStream, stderr: OutputStream) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** One or more lines; a line feed is added. */
  line(text = ''): void {
    this.text(`${text}\n`);
  }

  /** Text with its line feeds as they are. */
  text(text: string): void {
    this.#stdout.write(printableLines(text));
  }

  json(value: unknown): void {
    this.#stdout.write(formatJson(value));
  }

  /** Text of a form for programs, which is escaped already as that form has it. */
  raw(text: string): void {
    this.#stdout.write(text);
  }

  /** Bytes unchanged, except on a terminal, which gets them as printable text. */
  bytes(bytes: Uint8Array): void {
    if (this.#stdout.isTTY) this.text(new TextDecoder().decode(bytes));
    else this.#stdout.write(bytes);
  }

  /** One line on standard error: a line feed in what others wrote is no second one. */
  warn(text: string): void {
    this.error(`Warning: ${printable(text.trimEnd())}`);
  }

  /** One or more lines on standard error; a line feed is added. */
  error(text: string): void {
    this.#stderr.write(`${printableLines(text)}\n`);
  }
}
