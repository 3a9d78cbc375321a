import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withTempDir } from '@nv2/testkit';
import { finish, type Outcome } from './process-outcome.ts';

const PROGRAMS = fileURLToPath(new URL('../../../bin/', import.meta.url));
/** A shell that waits for ever is ended. */
const LIMIT_MS = 60_000;

/** How a shell is started for somebody who types, and how it learns to complete. */
interface Shell {
  readonly command: string;
  readonly setUp: string;
}

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: { command: 'bash --norc --noprofile -i', setUp: 'source <(notation completion bash)' },
  zsh: {
    command: 'zsh -f -i',
    setUp: 'autoload -U compinit; compinit -u -D\nsource <(notation completion zsh)',
  },
  fish: { command: 'fish --no-config -i', setUp: 'notation completion fish | source' },
};

/** What is typed, with tabs, and what the program is then called with. */
const TYPED: readonly (readonly [typed: string, called: string])[] = [
  ['notation plug\t', 'plugin'],
  ['notation cert list --type sig\t', 'cert list --type signingAuthority'],
  ['notation sign --signature-f\t c\t', 'sign --signature-format cose'],
  ['notation cert add -t ca -s x one-cert\t', 'cert add -t ca -s x one-certificate.pem'],
];

function isMissing(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0;
}

function obstacle(...programs: readonly string[]): string | false {
  const missing = programs.find(isMissing);
  return missing === undefined ? false : `this machine has no ${missing}`;
}

/** A `notation` that completes as the real one, and otherwise notes what it was called with. */
async function withNotedProgram(use: (dir: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    await mkdir(join(dir, 'bin'));
    const program = join(dir, 'bin/notation');
    const real = join(PROGRAMS, 'notation');
    await writeFile(
      program,
      `#!/bin/sh\ncase $1 in\n__complete*|completion) exec '${real}' "$@" ;;\n*) printf '%s\\n' "$*" >> '${dir}/called' ;;\nesac\n`,
    );
    await chmod(program, 0o755);
    await writeFile(join(dir, 'one-certificate.pem'), '');
    await use(dir);
  });
}

function run(
  program: string,
  args: readonly string[],
  { dir, input }: { readonly dir: string; readonly input: string },
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: dir,
    env: { HOME: dir, TERM: 'xterm', PATH: `${join(dir, 'bin')}:${process.env['PATH']}` },
    timeout: LIMIT_MS,
  });
  child.stdin.end(input);
  return finish(child);
}

describe('completion', { concurrency: 2 }, () => {
  for (const [name, { command, setUp }] of Object.entries(SHELLS)) {
    test(`works in ${name}, for who types`, { skip: obstacle(name, 'script') }, () =>
      withNotedProgram(async (dir) => {
        const lines = [setUp, ...TYPED.map(([typed]) => typed), 'exit'];
        const input = lines.map((line) => `${line}\n`).join('');
        // script gives the shell a terminal
        const outcome = await run('script', ['-qec', command, '/dev/null'], { dir, input });
        const called = await readFile(join(dir, 'called'), 'utf8').catch(() => '');
        const expected = TYPED.map(([, line]) => `${line}\n`).join('');
        assert.equal(called, expected, outcome.stdout);
      }),
    );
  }

  test('works in powershell', { skip: obstacle('pwsh') }, () =>
    withNotedProgram(async (dir) => {
      const script =
        "notation completion powershell | Out-String | Invoke-Expression; (TabExpansion2 -inputScript 'notation plug' -cursorColumn 13).CompletionMatches.CompletionText";
      const { stdout } = await run('pwsh', ['-NoProfile', '-Command', script], { dir, input: '' });
      assert.equal(stdout.trim(), 'plugin');
    }),
  );
});
