// What help and version say.
import type { Difference } from './difference.ts';

export const OF_HELP: readonly Difference[] = [
  {
    what: 'the platform is told',
    why: 'v2: version',
    theirs: '| Go version: {{version}}',
    ours: '| Go version: {{version}}\n| OS/Arch: {{version}}',
  },
  {
    what: '--verbose is not shown',
    why: 'v2 has dropped it; it is accepted',
    theirs: /^\| {3}-v, --verbose$/gm,
  },
  {
    what: 'the referrers tag schema is no default',
    why: 'v2: sign',
    theirs: '--force-referrers-tag (default true)',
    ours: '--force-referrers-tag',
  },
  {
    what: 'the usage of key add does not say that --plugin is required',
    why: 'nv2 has keys of files too, and one usage line for both names',
    theirs: 'notation key add --plugin <plugin_name> [flags] <key_name>',
    ours: 'notation key add [flags] <key_name>',
  },
  {
    what: 'inspect prints a tree, and calls it that',
    why: 'v2: inspect',
    theirs: '--output string (default "text")',
    ours: '--output string (default "tree")',
  },
];
