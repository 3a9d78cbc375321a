import { listsAll } from './args.ts';
import { LOGGING, OUTPUT, YES } from './flags.ts';
import type { ArgsCheck, CommandSpec } from './types.ts';

/** The one source of `plugin install`, named by what the flags say it is. */
const needsSource: ArgsCheck = (args, { isOn }) => {
  if (args.length > 1) return `can only install one plugin at a time, but got [${args.join(' ')}]`;
  if (args.length === 1) return undefined;
  if (isOn('file')) return 'missing plugin file path';
  return isOn('url') ? 'missing plugin URL' : 'missing plugin source location';
};

const needsPlugin: ArgsCheck = (args) => {
  if (args.length === 0) return 'plugin name is required';
  return args.length > 1 ? 'only one plugin can be removed at a time' : undefined;
};

const INSTALL: CommandSpec = {
  name: 'install',
  aliases: ['add'],
  use: 'install [flags] <--file|--url> <plugin_source>',
  short: 'Install a plugin',
  long: 'Install a plugin from a .zip or .tar.gz archive, or from its executable alone. The plugin is run to learn its name and version: install only what you trust.',
  examples: [
    {
      title: 'Install a plugin from an archive',
      command: 'plugin install --file wabbit-plugin-v1.0.zip',
    },
    {
      title: 'Install it only if it has this checksum',
      command: 'plugin install --file wabbit-plugin-v1.0.tar.gz --sha256sum <sha256>',
    },
    {
      title: 'Install a plugin from a compressed tar archive',
      command: 'plugin install --file wabbit-plugin-v1.0.tar.gz',
    },
    {
      title: 'Replace an installed plugin whatever its version',
      command: 'plugin install --file wabbit-plugin-v1.0.zip --force',
    },
    {
      title: 'Install a plugin that is one executable',
      command: 'plugin install --file notation-wabbit-plugin',
    },
    {
      title: 'Download a plugin and install it, which needs its checksum',
      command:
        'plugin install --url https://wabbit-networks.com/plugin-v1.0.tar.gz --sha256sum <sha256>',
    },
  ],
  flags: [
    ...LOGGING,
    { name: 'file', type: 'bool', usage: 'install plugin from a file on file system' },
    {
      name: 'url',
      type: 'bool',
      usage: 'install plugin from an HTTPS URL. The plugin download timeout is 10m0s',
    },
    {
      name: 'sha256sum',
      type: 'string',
      usage: 'must match SHA256 of the plugin source, required when "--url" flag is set',
    },
    { name: 'force', type: 'bool', usage: 'force the installation of the plugin' },
    OUTPUT,
  ],
  oneRequired: [['file', 'url']],
  exclusive: [['file', 'url']],
  args: needsSource,
  load: () => import('../commands/plugin-install.ts'),
};

/** `plugin` */
export const PLUGIN: CommandSpec = {
  name: 'plugin',
  use: 'plugin',
  short: 'Manage plugins',
  children: [
    INSTALL,
    {
      name: 'list',
      aliases: ['ls'],
      use: 'list [flags]',
      short: 'List installed plugins',
      examples: [{ title: 'List installed plugins', command: 'plugin ls' }],
      flags: [OUTPUT],
      args: listsAll,
      load: () => import('../commands/plugin-list.ts'),
    },
    {
      name: 'uninstall',
      aliases: ['remove', 'rm'],
      use: 'uninstall [flags] <plugin_name>',
      short: 'Uninstall a plugin',
      examples: [
        { title: 'Uninstall a plugin', command: 'plugin uninstall wabbit-plugin' },
        {
          title: 'Uninstall a plugin without a question',
          command: 'plugin uninstall --yes wabbit-plugin',
        },
      ],
      flags: [...LOGGING, YES, OUTPUT],
      args: needsPlugin,
      load: () => import('../commands/plugin-uninstall.ts'),
    },
  ],
};
