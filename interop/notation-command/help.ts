// Help, of which programs share what can be typed, and not the words that explain it.
import type { ScriptOutcome } from '@nv2/testkit';

/** Whether what was printed is help. */
export function isHelp({ stdout, stderr }: ScriptOutcome): boolean {
  return `\n${stdout}${stderr}`.includes('\nUsage:\n  notation');
}

/** What the help offers, a line each: usage, aliases, commands, flags with their types and defaults. */
export function offers(help: string): string {
  const [, usage = ''] = help.split('Usage:\n');
  return usage
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map(
      (line) =>
        /^ {2}[\w-]+(, [\w-]+)+$|^ {2}notation .*/.exec(line)?.[0] ??
        `${/^ {2}( {4}|-\w, )?[\w-]+( (string|int|duration|stringArray))?/.exec(line)?.[0]}${/ \(default .*\)$/.exec(line)?.[0] ?? ''}`,
    )
    .map((line) => `${line}\n`)
    .join('');
}
