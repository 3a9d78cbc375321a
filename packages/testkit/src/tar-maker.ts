import { gzipSync } from 'node:zlib';

/** An entry of a tar archive. */
export interface TarPart {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly mode?: number;
  /** Type flag; default a file. */
  readonly type?: string;
  /** Size that the header says, where it lies. */
  readonly size?: number;
}

/** Makes a tar archive and compresses it. */
export function makeTarGz(parts: readonly TarPart[]): Uint8Array {
  return gzipSync(Buffer.concat([...parts.flatMap(entry), Buffer.alloc(1024)]));
}

function entry(part: TarPart): Uint8Array[] {
  const content = Buffer.from(part.content ?? '');
  const header = Buffer.alloc(512);
  header.write(part.name, 0, 'utf8');
  header.write((part.mode ?? 0o644).toString(8).padStart(7, '0'), 100);
  header.write((part.size ?? content.length).toString(8).padStart(11, '0'), 124);
  header.write(' '.repeat(8), 148);
  header.write(part.type ?? '0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
