import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import type { ScriptOutcome } from '@nv2/testkit';
import { openScriptWorld, type ScriptWorld } from './script-world.ts';

/** The words that a shell reads in a command. */
function shellWords(command: string): readonly string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

describe('a hint for what has no signature, followed to the letter, makes a yes of it', () => {
  let world: ScriptWorld | undefined;
  before(async () => {
    world = await openScriptWorld();
    await run('push {{registry}}/app:one one');
    await run('push {{registry}}/app:two two');
    await run('push-index {{registry}}/app:v1 index linux/amd64=one linux/arm64=two');
    await run('nv2 copy --to-oci-layout {{registry}}/app:v1 layout:v1');
    await run('nv2 cert generate-test --default signer');
  });
  after(() => world?.close());

  const values = (): Map<string, string> => world?.values ?? new Map();
  const fill = (text: string): string =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values().get(name) ?? '');

  async function call(words: readonly string[]): Promise<ScriptOutcome> {
    const [name = '', ...args] = words;
    const command = world?.commands[name];
    assert.ok(command, name);
    return await command({ args, env: {}, stdin: '' });
  }

  async function run(line: string): Promise<ScriptOutcome> {
    const outcome = await call(shellWords(fill(line)));
    assert.equal(outcome.exitCode, 0, `${line}\n${outcome.stderr}`);
    return outcome;
  }

  /** Verifies, runs what the hint says, with the same standard input, and gives the commands. */
  async function follow(verify: readonly string[], input: readonly string[] = []): Promise<string> {
    const denied = await call([...input, 'nv2', 'verify', ...verify]);
    assert.equal(denied.exitCode, 1, denied.stderr);
    const hint = /^hint: (.*)$/m.exec(denied.stderr)?.[1] ?? '';
    const commands = [...hint.matchAll(/"(nv2 [^"]*)"/g)].map(([, command = '']) => command);
    assert.ok(commands.length > 0, hint);
    for (const command of commands) {
      const needsInput = input.length > 0 && command.includes(' -@');
      const outcome = await call([...(needsInput ? input : []), ...shellWords(command)]);
      assert.equal(outcome.exitCode, 0, `${command}\n${outcome.stderr}`);
    }
    return commands.join('\n');
  }

  const trusting = (): readonly string[] => {
    return ['--trust', fill('{{config}}/localkeys/signer.crt')];
  };

  test('in a registry, the index with all that is in it', async () => {
    const verify = ['--recursive', ...trusting(), fill('{{registry}}/app@{{index}}')];
    assert.equal(await follow(verify), fill('nv2 sign --recursive {{registry}}/app@{{index}}'));
    assert.equal((await call(['nv2', 'verify', ...verify])).exitCode, 0);
  });

  test('in a directory whose name means something to a shell', async () => {
    for (const path of ["it's $(a) `b` & c", "-it's"]) {
      const args = ['--from-oci-layout', '--to-oci-layout', '--', 'layout:v1', `${path}:v1`];
      await call(['nv2', 'copy', ...args]);
      const verify = ['--oci-layout', ...trusting(), '--', `${path}:v1`];
      assert.match(await follow(verify), /^nv2 sign --oci-layout '/);
      assert.equal((await call(['nv2', 'verify', ...verify])).exitCode, 0);
    }
  });

  test('in an archive, by a copy', async () => {
    await call(['tar', 'plain', 'layout', 'an archive.tar']);
    const trust = trusting();
    for (const [name, ...flags] of [[':v1', '--recursive'], [fill('@{{index}}')]] as const) {
      const verify = ['--oci-layout', ...flags, ...trust];
      await follow([...verify, `an archive.tar${name}`]);
      assert.equal((await call(['nv2', 'verify', ...verify, `DIRECTORY${name}`])).exitCode, 0);
      await call(['remove', 'DIRECTORY']);
    }
  });

  test('in an archive on standard input, by a copy of the same', async () => {
    await call(['tar', 'plain', 'layout', 'fed.tar']);
    const name = fill('@{{index}}');
    const verify = ['--oci-layout', ...trusting()];
    await follow([...verify, `-${name}`], ['feed', 'fed.tar']);
    assert.equal((await call(['nv2', 'verify', ...verify, `DIRECTORY${name}`])).exitCode, 0);
  });

  test('of a platform in an archive, by a copy of the index', async () => {
    await call(['tar', 'plain', 'layout', 'platform.tar']);
    const verify = ['--oci-layout', '--platform', 'linux/arm64', ...trusting()];
    await call(['remove', 'DIRECTORY']);
    await follow([...verify, 'platform.tar:v1']);
    assert.equal((await call(['nv2', 'verify', ...verify, 'DIRECTORY:v1'])).exitCode, 0);
  });
});
