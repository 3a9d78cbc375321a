import { crc32, deflateRawSync } from 'node:zlib';

/** An entry to be put into an archive; what is left out is as it should be. */
export interface ZipPart {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Unix type and permissions. */
  readonly mode?: number;
  readonly stored?: boolean;
  /** System and version that made it; 0x031e is Unix. */
  readonly madeBy?: number;
  /** Fields of the directory that lie, by their place in the header, with their size in bytes. */
  readonly central?: ReadonlyMap<number, number>;
  /** The same for the header in front of the content. */
  readonly local?: ReadonlyMap<number, number>;
  /** Instead of the name in front of the content. */
  readonly localName?: string;
  /** Behind the content, within its compressed size. */
  readonly padding?: number;
  /** Says that the content is where that of the entry before is. */
  readonly sameContent?: boolean;
}

/** How the end of an archive lies. */
export interface ZipLies {
  readonly before?: Uint8Array;
  readonly between?: Uint8Array;
  readonly after?: Uint8Array;
  readonly comment?: Uint8Array;
  readonly end?: ReadonlyMap<number, number>;
}

/** Makes a zip archive, honest or not. */
export function makeZip(parts: readonly ZipPart[], lies: ZipLies = {}): Uint8Array {
  const chunks: Uint8Array[] = [lies.before ?? new Uint8Array()];
  const directory: Uint8Array[] = [];
  const position = (): number => chunks.reduce((sum, { length }) => sum + length, 0);
  let last = 0;
  for (const part of parts) {
    if (part.sameContent !== true) {
      last = position();
      chunks.push(localHeader(part), packed(part));
    }
    directory.push(centralHeader(part, last));
  }
  const offset = position();
  const central = Buffer.concat(directory);
  chunks.push(central, lies.between ?? new Uint8Array());
  chunks.push(endRecord({ count: parts.length, length: central.length, offset, lies }));
  chunks.push(lies.comment ?? new Uint8Array(), lies.after ?? new Uint8Array());
  return Buffer.concat(chunks);
}

function packed({ content = '', stored, padding = 0 }: ZipPart): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([stored === true ? bytes : deflateRawSync(bytes), Buffer.alloc(padding)]);
}

function common(part: ZipPart, at: number, header: Buffer): void {
  const bytes = Buffer.from(part.content ?? '');
  header.writeUInt16LE(part.stored === true ? 0 : 8, at);
  header.writeUInt32LE(crc32(bytes), at + 6);
  header.writeUInt32LE(packed(part).length, at + 10);
  header.writeUInt32LE(bytes.length, at + 14);
}

function localHeader(part: ZipPart): Uint8Array {
  const name = Buffer.from(part.localName ?? part.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  common(part, 8, header);
  header.writeUInt16LE(name.length, 26);
  lie(header, part.local);
  return Buffer.concat([header, name]);
}

function centralHeader(part: ZipPart, offset: number): Uint8Array {
  const name = Buffer.from(part.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(part.madeBy ?? 0x031e, 4);
  common(part, 10, header);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  lie(header, part.central);
  return Buffer.concat([header, name]);
}

function endRecord({
  count,
  length,
  offset,
  lies,
}: {
  readonly count: number;
  readonly length: number;
  readonly offset: number;
  readonly lies: ZipLies;
}): Uint8Array {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(lies.comment?.length ?? 0, 20);
  lie(end, lies.end);
  return end;
}

/** Two bytes where the place is one of a field of two, else four. */
function lie(header: Buffer, lies: ReadonlyMap<number, number> = new Map()): void {
  for (const [at, value] of lies) {
    if (value > 0xffff || FOUR_BYTES.has(`${header.length}:${at}`)) header.writeUInt32LE(value, at);
    else header.writeUInt16LE(value, at);
  }
}

const FOUR_BYTES: ReadonlySet<string> = new Set([
  ...[14, 18, 22].map((at) => `30:${at}`),
  ...[16, 20, 24, 38, 42].map((at) => `46:${at}`),
  ...[12, 16].map((at) => `22:${at}`),
]);
