import { quote } from '../text/quote.ts';
import { needsFirst, noneOf } from './args.ts';
import { EXPLAIN, INSPECT, LIST, SIGN, VERIFY } from './artifact-commands.ts';
import { BLOB } from './blob-commands.ts';
import { COPY, TREE } from './copy-commands.ts';
import { LOGGING, OUTPUT, REGISTRY_ACCESS } from './flags.ts';
import { KEY } from './key-commands.ts';
import { PLUGIN } from './plugin-commands.ts';
import { REGISTRY } from './registry-commands.ts';
import { SCAN } from './scan-command.ts';
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

const VERSION: CommandSpec = {
  name: 'version',
  use: 'version',
  short: 'Show the version information',
  flags: [OUTPUT],
  args: noneOf('version'),
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
    SCAN,
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
