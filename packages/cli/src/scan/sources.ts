import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { CliError, usageError } from '../errors.ts';
import { systemError } from '../files.ts';
import type { Found } from './found.ts';
import { readReferenceList } from './reference-list.ts';

/** Of one source, all documents together. */
const MAX_SOURCE_BYTES = 256 * 1024 * 1024;
const STDIN = '-';
const STANDARD_INPUT = 'standard input';

/** Whether the command line names any source. */
export function isAnySource({ args, flags }: Pick<CommandContext, 'args' | 'flags'>): boolean {
  return args.length > 0 || READERS.some(({ flag }) => flags.strings(flag).length > 0);
}

type Read = (chunks: AsyncIterable<Uint8Array>, source: string) => AsyncIterable<Found>;

/**
 * What the command line names as references, one after the other: the arguments (of which `-` is a list
 * on standard input), and the files of `--file`, `--kubernetes` and `--compose`. Of several, one that names
 * nothing is warned of: whatever should have filled it may have failed.
 *
 * @throws CliError `CLI_USAGE` if nothing is named, or standard input twice; `CLI_FILE_*`
 */
export async function* readSources(context: CommandContext): AsyncGenerator<Found> {
  const { args, flags } = context;
  const files = READERS.flatMap(({ flag, read }) =>
    flags.strings(flag).map((path) => ({ path, read })),
  );
  const stdins = [...args, ...files.map(({ path }) => path)].filter((name) => name === STDIN);
  if (stdins.length > 1) throw usageError('standard input can be read once only');
  if (args.length + files.length === 0) {
    throw usageError('name references, - for a list on standard input, or a file of them');
  }
  const empty: string[] = [];
  const all = [
    ...args.map((text) => (text === STDIN ? { path: STDIN, read: readReferenceList } : text)),
    ...files,
  ];
  for (const one of all) {
    if (typeof one === 'string') {
      yield { place: { source: 'command line' }, text: one };
    } else if (!(yield* readAll(readFrom(one.path, one.read, context)))) {
      empty.push(one.path === STDIN ? STANDARD_INPUT : one.path);
    }
  }
  if (empty.length === all.length) return;
  for (const name of empty) context.printer.warn(`there is no reference in ${name}`);
}

/** Yields what there is, and returns whether there was anything. */
async function* readAll(found: AsyncIterable<Found>): AsyncGenerator<Found, boolean> {
  let isAny = false;
  for await (const one of found) {
    isAny = true;
    yield one;
  }
  return isAny;
}

// the reader of YAML loads only where there is some
const READERS: readonly { readonly flag: string; readonly read: Read }[] = [
  { flag: 'file', read: readReferenceList },
  {
    flag: 'kubernetes',
    read: async function* (chunks, source) {
      const { readYamlStream } = await import('./yaml-stream.ts');
      const { kubernetesImages } = await import('./kubernetes-images.ts');
      yield* readYamlStream(chunks, source, kubernetesImages);
    },
  },
  {
    flag: 'compose',
    read: async function* (chunks, source) {
      const { readYamlStream } = await import('./yaml-stream.ts');
      const { composeImages } = await import('./compose-images.ts');
      yield* readYamlStream(chunks, source, composeImages);
    },
  },
];

function readFrom(path: string, read: Read, { io, input }: CommandContext): AsyncIterable<Found> {
  if (path === STDIN) return read(atMost(input.stream(), STANDARD_INPUT), STANDARD_INPUT);
  return read(atMost(fileChunks(resolve(io.cwd, path), path), path), path);
}

async function* fileChunks(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw systemError(cause, name);
  }
}

// Part of a source is not what was asked for: rather no verdict at all.
async function* atMost(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > MAX_SOURCE_BYTES) {
      throw new CliError('CLI_FILE_TOO_LARGE', `${name} is larger than ${MAX_SOURCE_BYTES} bytes`, {
        data: { path: name, maxBytes: MAX_SOURCE_BYTES },
        hint: 'scan it in parts',
      });
    }
    yield chunk;
  }
}
