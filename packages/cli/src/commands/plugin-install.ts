import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { downloadPlugin, installPlugin, NotaryError } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError, usageError } from '../errors.ts';
import { CommandFailure, prefixed } from '../failure.ts';
import { pluginAccess } from '../plugin-access.ts';
import { httpAccess } from '../registry-access.ts';

const FAILED = 'plugin installation failed';
/** What `--force` gets over. */
const FORCED: ReadonlySet<string> = new Set([
  'NOTARY_PLUGIN_SAME_VERSION',
  'NOTARY_PLUGIN_DOWNGRADE',
]);

/** `plugin install`: nothing of the source is run before its checksum was compared. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags } = context;
  const source = args[0] ?? '';
  if (flags.isOn('url')) {
    await installFromUrl(context, source);
    return;
  }
  const path = resolve(io.cwd, source);
  await assertNoDirectory(path, source);
  await install(context, { path, shown: source });
}

async function assertNoDirectory(path: string, shown: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new CliError('CLI_FILE_UNREADABLE', `${FAILED}: ${shown} is not a valid file`, {
    data: { path },
    hint: 'give the .zip or .tar.gz archive, or the executable of the plugin',
  });
}

async function installFromUrl(context: CommandContext, url: string): Promise<void> {
  const { flags, printer } = context;
  if (flags.string('sha256sum') === '') {
    throw usageError('installing from URL requires non-empty SHA256 checksum of the plugin source');
  }
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'https:' && flags.string('output') !== 'json') {
    printer.line(`Downloading plugin from ${url}`);
  }
  // of this user alone, so that what was downloaded is what is installed
  const directory = await mkdtemp(join(tmpdir(), 'nv2-plugin-'));
  try {
    const path = join(directory, fileNameOf(parsed));
    const from = parsed?.protocol === 'https:' ? ` ${url} with error` : '';
    await prefixed(`failed to download plugin from URL${from}`, () => download(context, url, path));
    if (flags.string('output') !== 'json') printer.line('Download completed');
    await install(context, { path, shown: url });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function download(context: CommandContext, url: string, path: string): Promise<void> {
  const { client, close } = httpAccess(context);
  try {
    await downloadPlugin(url, { client, path, signal: context.io.signal });
  } finally {
    close();
  }
}

/** What the file is called where it is published: the name says whether it is an executable. */
function fileNameOf(url: URL | null): string {
  const name = basename(url?.pathname ?? '');
  return /^[\w.-]+$/.test(name) ? name : 'download';
}

async function install(
  context: CommandContext,
  { path, shown }: { readonly path: string; readonly shown: string },
): Promise<void> {
  const { io, flags, printer } = context;
  const { directory, options } = pluginAccess(context);
  const sha256 = flags.string('sha256sum');
  const work = () =>
    installPlugin(directory, {
      ...options,
      source: path,
      overwrite: flags.isOn('force'),
      signal: io.signal,
      ...(sha256 !== '' && { sha256 }),
    }).catch(namingForce);
  const { metadata, previous } = await prefixed(FAILED, work, { plugin: 'install', path: shown });
  const { name, version } = metadata;
  if (flags.string('output') === 'json') {
    printer.json({ name, version, previous: previous?.version ?? null });
    return;
  }
  printer.line(
    previous === undefined
      ? `Successfully installed plugin ${name}, version ${version}`
      : `Successfully updated plugin ${name} from version ${previous.version} to ${version}`,
  );
}

/** How the command line overwrites, the library cannot know. */
function namingForce(error: unknown): never {
  if (!(error instanceof NotaryError) || !FORCED.has(error.code)) throw error;
  throw new CommandFailure({ hint: `${error.hint}, with --force` }, { cause: error });
}
