import { listsAll, needsFirst, needsOne, needsSome } from './args.ts';
import { LOGGING, OUTPUT, PLUGIN_CONFIG } from './flags.ts';
import type { CommandSpec, FlagSpec } from './types.ts';

const DEFAULT: FlagSpec = { name: 'default', type: 'bool', usage: 'mark as default' };

/** `key` */
export const KEY: CommandSpec = {
  name: 'key',
  use: 'key',
  short: 'Manage keys used for signing',
  examples: [
    {
      title: 'Add a key that an installed plugin signs with',
      command: 'key add --plugin <plugin_name> --id <key_id> <key_name>',
    },
    { title: 'List the keys', command: 'key ls' },
    { title: 'Make a key the default', command: 'key set --default <key_name>' },
    { title: 'Take keys off the list', command: 'key delete <key_name>...' },
  ],
  children: [
    {
      name: 'add',
      use: 'add [flags] <key_name>',
      short: 'Add key to signing key list',
      long: 'Add a key to the signing key list. The key itself stays where it is.',
      examples: [
        {
          title: 'Add a key that an installed plugin signs with',
          command: 'key add --plugin <plugin_name> --id <key_id> <key_name>',
        },
        {
          title: 'Add a private key and its certificate chain, both PEM files',
          command: 'key add --key-file release.key --cert-file release.crt release',
          only: 'nv2',
        },
      ],
      flags: [
        ...LOGGING,
        {
          name: 'plugin',
          type: 'string',
          usage: 'signing plugin name',
        },
        {
          name: 'id',
          type: 'string',
          usage: 'key id (required if --plugin is set)',
        },
        PLUGIN_CONFIG,
        {
          name: 'key-file',
          type: 'string',
          usage: 'PEM file with the private key (PKCS#8, encrypted or not, PKCS#1 or SEC 1)',
          only: 'nv2',
        },
        {
          name: 'cert-file',
          type: 'string',
          usage: 'PEM file with the certificate chain, the signing certificate first',
          only: 'nv2',
        },
        {
          name: 'passphrase',
          type: 'string',
          usage:
            'passphrase of the private key, to check it once: a file, env:{variable} or fd:{number}; asked for on a terminal if it is needed. It is not kept: signing needs it again',
          only: 'nv2',
        },
        DEFAULT,
        OUTPUT,
      ],
      required: [{ flag: 'plugin', only: 'notation' }],
      together: [['key-file', 'cert-file']],
      exclusive: [
        ['plugin', 'key-file'],
        ['plugin', 'passphrase'],
      ],
      args: needsOne('either missing key name or unnecessary parameters passed'),
      load: () => import('../commands/key-add.ts'),
    },
    {
      name: 'update',
      aliases: ['set'],
      use: 'update [flags] <key_name>',
      short: 'Update key in signing key list',
      examples: [{ title: 'Make a key the default', command: 'key set --default release' }],
      flags: [...LOGGING, DEFAULT, OUTPUT],
      args: needsFirst('missing key name'),
      load: () => import('../commands/key-update.ts'),
    },
    {
      name: 'list',
      aliases: ['ls'],
      use: 'list [flags]',
      short: 'List keys used for signing',
      flags: [OUTPUT],
      args: listsAll,
      load: () => import('../commands/key-list.ts'),
    },
    {
      name: 'delete',
      use: 'delete [flags] <key_name>...',
      short: 'Remove key from signing key list',
      flags: [...LOGGING, OUTPUT],
      args: needsSome('missing key names'),
      load: () => import('../commands/key-delete.ts'),
    },
  ],
};
