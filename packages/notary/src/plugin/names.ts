/** Directories with this prefix are plugins on their way in or out, and none yet. */
export const TEMPORARY_PREFIX = '.installing-';

const PREFIX = 'notation-';
const SUFFIX = process.platform === 'win32' ? '.exe' : '';

/** The name of the executable of a plugin. */
export function pluginExecutable(name: string): string {
  return `${PREFIX}${name}${SUFFIX}`;
}

/** The name of the plugin that an executable of this name is, if it is one. */
export function pluginNameOf(fileName: string): string | undefined {
  if (!fileName.startsWith(PREFIX) || !fileName.endsWith(SUFFIX)) return undefined;
  const name = fileName.slice(PREFIX.length, fileName.length - SUFFIX.length);
  return isPluginName(name) ? name : undefined;
}

/** Whether a name names a plugin and nothing else in the file system. */
export function isPluginName(name: string): boolean {
  // no separator, no name with a meaning of its own, nothing that ends a C string
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) return false;
  return !name.startsWith(TEMPORARY_PREFIX);
}
