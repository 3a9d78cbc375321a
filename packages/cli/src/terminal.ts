const KEY = {
  ctrlC: 0x03,
  ctrlD: 0x04,
  backspace: 0x08,
  delete: 0x7f,
  lf: 0x0a,
  cr: 0x0d,
} as const;

/** What a line that is being typed becomes with one more byte. */
export type TypedLine = {
  readonly state: 'typing' | 'done' | 'interrupted';
  readonly bytes: readonly number[];
};

/**
 * Reads a line from the terminal without showing it. Ctrl-C interrupts the process as always, Ctrl-D
 * ends the line.
 */
export function readSecret(): Promise<string> {
  const { stdin } = process;
  return new Promise((resolve) => {
    let line: TypedLine = { state: 'typing', bytes: [] };
    const onData = (chunk: Buffer): void => {
      line = chunk.reduce(typeByte, line);
      if (line.state === 'typing') return;
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      if (line.state === 'interrupted') process.kill(process.pid, 'SIGINT');
      else resolve(Buffer.from(line.bytes).toString('utf8'));
    };
    stdin.setRawMode(true);
    stdin.on('data', onData);
    stdin.resume();
  });
}

/** The line after one more byte was typed; what follows its end is dropped. */
export function typeByte(line: TypedLine, byte: number): TypedLine {
  if (line.state !== 'typing') return line;
  const { bytes } = line;
  switch (byte) {
    case KEY.lf:
    case KEY.cr:
    case KEY.ctrlD:
      return { state: 'done', bytes };
    case KEY.ctrlC:
      return { state: 'interrupted', bytes: [] };
    case KEY.backspace:
    case KEY.delete:
      return { state: 'typing', bytes: withoutLast(bytes) };
    default:
      return { state: 'typing', bytes: [...bytes, byte] };
  }
}

// A character is one to four bytes; the continuation bytes are 10xxxxxx (RFC 3629 3).
function withoutLast(bytes: readonly number[]): readonly number[] {
  return bytes.slice(
    0,
    Math.max(
      0,
      bytes.findLastIndex((byte) => (byte & 0xc0) !== 0x80),
    ),
  );
}
