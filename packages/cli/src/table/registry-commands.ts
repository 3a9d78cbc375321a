import { exactly, none } from './args.ts';
import { LOGGING, OUTPUT, REGISTRY_ACCESS } from './flags.ts';
import type { CommandSpec } from './types.ts';

/** `registry` */
export const REGISTRY: CommandSpec = {
  name: 'registry',
  use: 'registry',
  short: 'Run a registry, and look after it',
  only: 'nv2',
  children: [
    {
      name: 'serve',
      use: 'serve --dir <directory> [flags]',
      short: 'Serve the OCI distribution API from a directory',
      long: 'Serve the OCI distribution API (pull, push, delete, referrers) from a directory until the process is stopped. Without --htpasswd, only loopback addresses are served.',
      examples: [
        {
          title: 'A registry for this machine',
          command: 'registry serve --dir ./registry',
        },
      ],
      flags: [
        ...LOGGING,
        { name: 'dir', type: 'string', usage: 'directory that holds the content' },
        {
          name: 'listen',
          type: 'string',
          default: '127.0.0.1:5000',
          usage: 'address and port to listen on; port 0 takes any free one',
        },
        {
          name: 'htpasswd',
          type: 'string',
          usage: 'file of user names and bcrypt hashes; then every request needs a password',
        },
      ],
      required: [{ flag: 'dir' }],
      args: none,
      load: () => import('../commands/registry-serve.ts'),
    },
    {
      name: 'gc',
      use: 'gc --dir <directory> [flags]',
      short: 'Free the space of what nothing in a registry refers to',
      long: 'Remove blobs that no manifest names and, if asked, manifests that no tag leads to; signatures stay as long as what they sign. The registry must not be served meanwhile.',
      examples: [
        {
          title: 'Give back what deleted and unfinished pushes have left',
          command: 'registry gc --dir ./registry',
        },
      ],
      flags: [
        ...LOGGING,
        { name: 'dir', type: 'string', usage: 'directory that holds the content' },
        {
          name: 'min-age-hours',
          type: 'int',
          default: 24,
          usage: 'keep what was used in the last so many hours',
        },
        {
          name: 'remove-untagged',
          type: 'bool',
          usage: 'also remove manifests that no tag leads to, with their signatures',
        },
        OUTPUT,
      ],
      required: [{ flag: 'dir' }],
      args: none,
      load: () => import('../commands/registry-gc.ts'),
    },
    {
      name: 'probe',
      use: 'probe [flags] <registry>[/<repository>]',
      short: 'Find out what a registry can do, and what that means',
      long: 'Ask a registry what it can do: list referrers and filter them, index subjects, list tags in pages, honour conditional requests, take uploads in chunks, delete. Nothing is written unless --write is given; then a test artifact of a few bytes is pushed to the repository and removed again.',
      examples: [
        {
          title: 'What can be found out without writing',
          command: 'registry probe <registry>/<repository>',
        },
        {
          title: 'All of it, with a test artifact',
          command: 'registry probe --write <registry>/<repository>',
        },
      ],
      flags: [
        ...LOGGING,
        ...REGISTRY_ACCESS,
        {
          name: 'write',
          type: 'bool',
          usage: 'push a small test artifact to the repository, and remove it',
        },
        OUTPUT,
      ],
      args: exactly(1),
      load: () => import('../commands/registry-probe.ts'),
    },
  ],
};
