import { open } from 'node:fs/promises';

/** ELF e_machine by Node's name of the processor. */
const ELF_MACHINES: Readonly<Record<string, number>> = {
  arm: 40,
  arm64: 183,
  ia32: 3,
  loong64: 258,
  ppc64: 21,
  riscv64: 243,
  s390x: 22,
  x64: 62,
};
const ELF_MAGIC = '7f454c46';
const MACH_O_MAGICS: ReadonlySet<string> = new Set(['cffaedfe', 'feedfacf', 'cafebabe']);

/**
 * Whether a file is no program of this system, as far as its first bytes tell. The system itself may
 * know more formats, so this explains a failure and does not foretell one: what the system cannot
 * run, the C library hands to a shell, whose complaint is about something else.
 */
export async function isForeignFormat(path: string): Promise<boolean> {
  const header = await readHeader(path).catch(() => undefined);
  if (header === undefined || process.platform === 'win32') return false;
  if (header.subarray(0, 2).toString('latin1') === '#!') return false;
  const magic = header.subarray(0, 4).toString('hex');
  if (process.platform === 'darwin') return !MACH_O_MAGICS.has(magic);
  if (magic !== ELF_MAGIC || header.length < 20) return true;
  const isLittleEndian = header[5] === 1;
  const machine = isLittleEndian ? header.readUInt16LE(18) : header.readUInt16BE(18);
  const expected = ELF_MACHINES[process.arch];
  return expected !== undefined && machine !== expected;
}

async function readHeader(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
