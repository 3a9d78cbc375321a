import { quote } from '../text/quote.ts';
import { exactly, needsFirst, none } from './args.ts';
import { EXPLAIN, INSPECT, LIST, SIGN, VERIFY } from './artifact-commands.ts';
import { BLOB } from './blob-commands.ts';
import { COPY, TREE } from './copy-commands.ts';
import { LOGGING, OUTPUT, REGISTRY_ACCESS } from './flags.ts';
import { KEY } from './key-commands.ts';
import { PLUGIN } from './plugin-commands.ts';
import { SIGNATURE } from './signature-commands.ts';
import { CERT, POLICY } from './trust-commands.ts';
import type { CommandSpec, FlagSpec } from './types.ts';

const NO_DESCRIPTIONS: FlagSpec = {
  name: 'no-descriptions',
  type: 'bool',
  usage: 'disable completion descriptions',
};

function completion(shell: string): CommandSpec {
  return {
    name: shell,
    use: shell,
    short: `Generate the autocompletion script for ${shell}`,
    flags: [NO_DESCRIPTIONS],
    args: ([extra], { program }) =>
      extra === undefined
        ? undefined
        : `unknown command ${quote(extra)} for "${program} completion ${shell}"`,
    load: () => import('../commands/completion.ts'),
  };
}

const LOGIN: CommandSpec = {
  name: 'login',
  use: 'login [flags] <server>',
  short: 'Login to registry',
  long: 'Log in to a registry. The credential is tried against the registry, then kept by the configured credential helper, never in a plain file.',
  examples: [
    {
      title: 'Log in with a password from standard input',
      command: 'login -u <user> --password-stdin registry.example.com',
    },
    {
      title: 'Log in with a password on the command line, which others on this machine may see',
      command: 'login -u <user> -p <password> registry.example.com',
    },
    {
      title: 'Log in with $NOTATION_USERNAME and $NOTATION_PASSWORD',
      command: 'login registry.example.com',
    },
  ],
  flags: [
    ...LOGGING,
    ...REGISTRY_ACCESS,
    { name: 'password-stdin', type: 'bool', usage: 'take the password from stdin' },
    OUTPUT,
  ],
  args: needsFirst('no hostname specified'),
  load: () => import('../commands/login.ts'),
};

const LOGOUT: CommandSpec = {
  name: 'logout',
  use: 'logout [flags] <server>',
  short: 'Log out from the logged in registries',
  examples: [{ title: 'Forget a credential', command: 'logout registry.example.com' }],
  flags: [...LOGGING, OUTPUT],
  args: needsFirst('no hostname specified'),
  load: () => import('../commands/logout.ts'),
};

const REGISTRY: CommandSpec = {
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
  ],
};

const VERSION: CommandSpec = {
  name: 'version',
  use: 'version',
  short: 'Show the version information',
  flags: [OUTPUT],
  args: exactly(0),
  load: () => import('../commands/version.ts'),
};

/** Every command and flag of both names: what is parsed, helped, completed and documented. */
export const ROOT: CommandSpec = {
  name: 'root',
  use: '',
  short: 'Sign and verify artifacts',
  children: [
    SIGN,
    VERIFY,
    EXPLAIN,
    LIST,
    INSPECT,
    COPY,
    TREE,
    SIGNATURE,
    CERT,
    KEY,
    POLICY,
    PLUGIN,
    BLOB,
    LOGIN,
    LOGOUT,
    REGISTRY,
    VERSION,
    {
      name: 'completion',
      use: 'completion',
      short: 'Generate the autocompletion script for the specified shell',
      children: ['bash', 'zsh', 'fish', 'powershell'].map(completion),
    },
    {
      name: 'help',
      use: 'help [command]',
      short: 'Help about any command',
      load: () => import('../commands/help.ts'),
    },
  ],
};
