import { resolve } from 'node:path';
import { startRegistry } from '@nv2/registry';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';

/** `registry serve`: until the process is told to stop. */
export async function run(context: CommandContext): Promise<void> {
  const { io, flags, printer, log } = context;
  const { host, port } = readAddress(flags.string('listen'));
  const dir = flags.string('dir');
  if (dir === '') throw usageError('the directory of --dir is empty');
  const htpasswd = flags.optional('htpasswd');
  const path = resolve(io.cwd, dir);
  const server = await prefixed(`failed to serve ${path}`, () =>
    startRegistry({
      dir: path,
      host,
      port,
      onError: (error) => {
        printer.warn(error instanceof Error ? error.message : String(error));
      },
      ...(htpasswd !== undefined && { htpasswd: resolve(io.cwd, htpasswd) }),
    }),
  );
  printer.line(`Serving ${path} at ${server.url.href}`);
  await aborted(io.signal);
  log('info', 'stopping');
  await server.close();
}

function readAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[(?<six>[0-9A-Fa-f:.]+)\]|(?<name>[^:[\]]*)):(?<port>[0-9]{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) {
    throw usageError(
      `invalid argument ${JSON.stringify(text)} for "--listen" flag: expected host:port`,
    );
  }
  return { host: match.groups?.['six'] ?? match.groups?.['name'] ?? '', port };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
