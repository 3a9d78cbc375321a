// On a pseudo-terminal, as "script" of util-linux makes one.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { withTempDir } from '@nv2/testkit';
import { finish, type Outcome } from './process-outcome.ts';
import { PROGRAMS } from './program-under-test.ts';

const hasScript = /util-linux/.test(String(spawnSync('script', ['--version']).stdout));
const skip = !hasScript && 'there is no script of util-linux here';

const environmentOf = (dir: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: dir,
  NOTATION_CONFIG: join(dir, 'config'),
  SHELL: '/bin/sh',
  NV2: join(PROGRAMS, 'nv2'),
});

/** Runs a line of a shell on a terminal. */
function onTerminal(dir: string, line: string): ReturnType<typeof spawn> {
  return spawn('script', ['-qec', line, '/dev/null'], { cwd: dir, env: environmentOf(dir) });
}

/** A directory with an encrypted key, k.pem with the passphrase `secret`, and its certificate, c.pem. */
function withKey(use: (dir: string) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    const made = spawnSync(join(PROGRAMS, 'nv2'), ['cert', 'generate-test', 'x'], {
      env: environmentOf(dir),
    });
    assert.equal(made.status, 0, String(made.stderr));
    const key = createPrivateKey(await readFile(join(dir, 'config/localkeys/x.key')));
    const secret = { cipher: 'aes-256-cbc', passphrase: 'secret' };
    await writeFile(join(dir, 'k.pem'), key.export({ format: 'pem', type: 'pkcs8', ...secret }));
    await writeFile(join(dir, 'c.pem'), await readFile(join(dir, 'config/localkeys/x.crt')));
    await use(dir);
  });
}

const SIGN = 'blob sign --force --key-file k.pem --cert-file c.pem k.pem';

/** Signs with the encrypted key, and types when the passphrase is asked for. */
async function signTyping(dir: string, keys: string): Promise<Outcome> {
  const child = onTerminal(dir, `exec "$NV2" ${SIGN}`);
  child.stdout?.on('data', (text: Buffer) => {
    if (text.includes('Passphrase')) child.stdin?.write(keys);
  });
  return await finish(child);
}

test(
  'a passphrase is typed on a terminal: keys that edit edit, and Ctrl-D gives none',
  { skip },
  () =>
    withKey(async (dir) => {
      const edited = await signTyping(dir, 'wrong\u0015sec\u001b[Are\u001b[3~tt\u007f\r');
      assert.equal(edited.code, 0, edited.stdout);
      assert.ok(!edited.stdout.includes('sec'), edited.stdout);
      const none = await signTyping(dir, '\u0004');
      assert.equal(none.code, 2);
      assert.match(
        none.stdout,
        /no passphrase of the private key was given \[CLI_INPUT_REQUIRED\]/,
      );
      const ended = await signTyping(dir, 'sec\u0003');
      assert.equal(ended.code, 130);
    }),
);

test('a terminal that is closed at a question interrupts the command', { skip }, () =>
  withKey(async (dir) => {
    for (const [command, question] of [
      [SIGN, 'Passphrase'],
      ['cert delete --type ca --store x --all', '[y/N]'],
      ['login registry.example', 'Username'],
    ] as const) {
      // the shell hears the signal, and lives to tell the code
      const line = `trap : HUP; "$NV2" ${command}; echo $? >code.new; mv code.new code`;
      const child = onTerminal(dir, line);
      child.stdout?.on('data', (text: Buffer) => {
        if (text.includes(question)) child.kill('SIGKILL');
      });
      await finish(child);
      // as Ctrl-C or as the signal does: that comes only once the shell has ended
      assert.match(await appears(join(dir, 'code')), /^(?:129|130)\n$/, command);
      await rm(join(dir, 'code'));
    }
  }),
);

/** The content of a file, once it is there; the time limit of the test ends the wait. */
async function appears(path: string): Promise<string> {
  for (;;) {
    const content = await readFile(path, 'utf8').catch(() => undefined);
    if (content !== undefined) return content;
    await setTimeout(20);
  }
}
