// What is said of plugins.
import { type Difference, STRICT, WORDS } from './difference.ts';

export const OF_PLUGINS: readonly Difference[] = [
  {
    what: 'no path of a plugin',
    why: WORDS,
    theirs: 'plugin installation failed: stat : no such file or directory',
    ours: 'plugin installation failed:  is not a valid file',
  },
  {
    what: 'no scheme of a URL',
    why: 'no blank at the end of a line',
    theirs: /but got $/gm,
    ours: 'but got',
  },
  {
    what: 'a plugin that is not executable',
    why: 'v2: plugin list, not executable',
    theirs: 'fork/exec {{home}}/.config/notation/plugins/plain/notation-plain: permission denied',
    ours: 'plugin file `notation-plain` is not executable. Use `notation plugin install` command to install the plugin. Please ensure that the plugin executable file is compatible with linux/amd64',
  },
  {
    what: 'a plugin that fails and does not say why',
    why: WORDS,
    theirs: 'exit status 1',
    ours: 'the plugin silent could not be run for get-plugin-metadata: ended with 1 and said nothing',
  },
  {
    what: 'a plugin in the current directory',
    why: 'a path is a path: the real command looks for it in PATH',
    theirs:
      /^= 1\n! Error: plugin installation failed: .*executable file not found in \$PATH\.\n! Please .*$/,
    ours: '= 0\n| Successfully installed plugin wabbit, version 1.0.0',
    on: /^plugin install --file notation-wabbit$/,
  },
  {
    what: 'the name of a plugin that is none',
    why: STRICT,
    theirs: /unable to find plugin (\.\.\/wabbit)?\.\n! To view a list of .*/,
    ours: '"$1" is no plugin name',
    on: /^plugin uninstall (\.\.\/wabbit)?$/,
  },
];
