import { Nv2Error } from '@nv2/core/errors';
import { listPlugins, type PluginMetadata, pluginDirectory, pluginMetadata } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { withFacts } from '../failure.ts';
import { pluginAccess } from '../plugin-access.ts';
import { formatColumns } from '../text/columns.ts';
import { notationWords } from '../text/notation-errors.ts';
import { printable } from '../text/printable.ts';

const HEADER = ['NAME', 'DESCRIPTION', 'VERSION', 'CAPABILITIES', 'ERROR'];
/** Plugins that are asked at the same time. */
const PARALLEL = 8;

interface Listed {
  readonly name: string;
  readonly metadata?: PluginMetadata;
  readonly error?: Nv2Error;
}

/** `plugin list`: asks every plugin what it is; one that cannot say so is listed with the reason. */
export async function run(context: CommandContext): Promise<void> {
  const { flags, printer } = context;
  const { directory } = pluginAccess(context);
  const names = await withFacts({ plugin: 'list' }, () => listPlugins(directory));
  const plugins: Listed[] = [];
  for (let start = 0; start < names.length; start += PARALLEL) {
    const asked = names.slice(start, start + PARALLEL).map((name) => ask(context, name));
    plugins.push(...(await Promise.all(asked)));
  }
  if (flags.string('output') === 'json') {
    printer.json({ plugins: plugins.map(toJson) });
    return;
  }
  const rows = plugins.map((plugin) => toRow(plugin, context).map(printable));
  printer.text(formatColumns([HEADER, ...rows]));
}

async function ask(context: CommandContext, name: string): Promise<Listed> {
  const { signal } = context.io;
  const { directory, options } = pluginAccess(context);
  try {
    const plugin = await pluginDirectory(directory, options).find(name);
    return { name, metadata: await pluginMetadata(plugin, new Map(), { signal }) };
  } catch (error) {
    if (!(error instanceof Nv2Error)) throw error;
    return { name, error };
  }
}

function toRow({ name, metadata, error }: Listed, { program }: CommandContext): string[] {
  const { description = '', version = '', capabilities = [] } = metadata ?? {};
  return [name, description, version, `[${capabilities.join(' ')}]`, problem(error, program)];
}

function problem(error: Nv2Error | undefined, program: CommandContext['program']): string {
  // the word of Go for none
  if (error === undefined) return program === 'nv2' ? '' : '<nil>';
  return program === 'nv2' ? error.message : notationWords(error, { plugin: 'list' });
}

function toJson({ name, metadata, error }: Listed): Readonly<Record<string, unknown>> {
  const { description, version, url, capabilities } = metadata ?? {};
  if (error === undefined) return { name, description, version, url, capabilities };
  return { name, error: { code: error.code, message: error.message } };
}
