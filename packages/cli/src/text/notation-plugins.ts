import { basename } from 'node:path';
import type { FailureFacts } from '../failure.ts';
import type { Described } from './notation-causes.ts';
import { quote } from './quote.ts';

type Words = (error: Described, facts: FailureFacts) => string;

function fact(error: Described, name: string): string {
  return String(error.data?.[name] ?? '');
}

/** The system as Go names it. */
function platform(): string {
  return `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

const NOT_RUN = 'Please ensure that the plugin executable file is compatible with';
const NOT_INTACT = 'Please ensure that the plugin executable file is intact and compatible with';

const SOURCE_WORDS: Readonly<Record<string, Words>> = {
  unreadable: (error, { path }) => `stat ${path ?? fact(error, 'path')}: no such file or directory`,
  kind: (_, { path }) => `${path ?? ''} is not a valid file`,
  'file-name': (error) =>
    `failed to read plugin name from input file ${basename(fact(error, 'path'))}: ${error.message}`,
  none: (error) => `failed to read plugin from input directory: ${error.message}`,
  several: (error) => `failed to read plugin from input directory: ${error.message}`,
};

/** Which plugin did not answer while one was installed. */
function whose(error: Described, { plugin }: FailureFacts): string {
  if (plugin !== 'install') return '';
  const isNew = !('path' in (error.data ?? {})) || fact(error, 'path').includes('.installing-');
  return `failed to get metadata of ${isNew ? 'new' : 'existing'} plugin: `;
}

function notFound(error: Described, { plugin }: FailureFacts): string {
  const name = fact(error, 'plugin');
  const path = fact(error, 'path');
  switch (plugin) {
    case 'uninstall':
      return `unable to find plugin ${name}.\nTo view a list of installed plugins, use \`notation plugin list\``;
    case 'list':
      return `plugin executable file \`${basename(path)}\` not found. Use \`notation plugin install\` command to install the plugin`;
    default:
      return `plugin executable file is either not found or inaccessible: stat ${path}: no such file or directory`;
  }
}

function notStarted(error: Described, facts: FailureFacts): string {
  const cannotRun = ['ENOEXEC', 'EACCES'].includes(fact(error, 'reason'));
  if (facts.plugin === 'list' && cannotRun) {
    return `plugin file \`${basename(fact(error, 'path'))}\` is not executable. Use \`notation plugin install\` command to install the plugin. ${NOT_RUN} ${platform()}`;
  }
  const words = `${whose(error, facts)}${error.message}`;
  return facts.plugin === 'install'
    ? `${words}.\n${NOT_RUN} ${platform()} and has appropriate permissions.`
    : words;
}

/** For notation it did not run at all. */
function crashed(error: Described, facts: FailureFacts): string {
  const exitCode = fact(error, 'exitCode');
  const ended = exitCode === '' ? 'was ended by a signal' : `ended with ${exitCode}`;
  const message = `the plugin ${fact(error, 'plugin')} could not be run for ${fact(error, 'command')}: ${ended} and said nothing`;
  return notStarted({ ...error, message }, facts);
}

/** What the plugin said, and nothing else. */
function failed(error: Described, facts: FailureFacts): string {
  const said = error.data?.['errorMessage'];
  if (typeof said !== 'string') return `${whose(error, facts)}${error.message}`;
  return `${whose(error, facts)}${said === '' ? `the plugin ${fact(error, 'plugin')} failed` : said}`;
}

function malformed(error: Described, { plugin }: FailureFacts): string {
  return plugin === 'install'
    ? `${error.message}.\n${NOT_INTACT} ${platform()}. Contact the plugin publisher for further assistance.`
    : error.message;
}

/** notation's words for what goes wrong with plugins, by error code. */
export const PLUGIN_WORDS: Readonly<Record<string, Words>> = {
  NOTARY_PLUGIN_NOT_FOUND: notFound,
  NOTARY_PLUGIN_NOT_REGULAR: (_, { plugin }) =>
    plugin === 'uninstall'
      ? 'failed to check plugin existence: plugin executable file is not a regular file'
      : 'plugin executable file is not a regular file',
  NOTARY_PLUGIN_NOT_STARTED: notStarted,
  NOTARY_PLUGIN_CRASHED: crashed,
  NOTARY_PLUGIN_MALFORMED: malformed,
  NOTARY_PLUGIN_METADATA_INVALID: malformed,
  NOTARY_PLUGIN_FAILED: failed,
  NOTARY_PLUGIN_NAME_MISMATCH: (error, facts) =>
    `${whose(error, facts)}plugin executable file name must be ${quote(fact(error, 'expected'))} instead of ${quote(fact(error, 'got'))}`,
  NOTARY_PLUGIN_SOURCE_INVALID: (error, facts) =>
    SOURCE_WORDS[fact(error, 'rule')]?.(error, facts) ?? error.message,
  NOTARY_PLUGIN_ARCHIVE_INVALID: (error) =>
    fact(error, 'rule') === 'dots'
      ? `file name in ${fact(error, 'kind')} cannot contain '..', but found ${quote(fact(error, 'name'))}`
      : error.message,
  NOTARY_PLUGIN_VERSION_INVALID: (error) => `failed to compare plugin versions: ${error.message}`,
  NOTARY_PLUGIN_DOWNGRADE: (error) =>
    `${error.message}.\nIt is not recommended to install an older version. To force the installation, use the "--force" option`,
  NOTARY_PLUGIN_DIRECTORY_UNREADABLE: (error, { plugin }) =>
    plugin === 'list'
      ? `failed to list plugin: open ${fact(error, 'path')}: permission denied.\nPlease ensure that the current user has permission to access the plugin directory: ${fact(error, 'path')}`
      : error.message,
};
