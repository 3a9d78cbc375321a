import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { startRegistry } from '@nv2/registry';
import { finish, type Outcome } from './process-outcome.ts';
import { programCommand } from './program-command.ts';
import { PROGRAMS, SCRIPTS_START_PROGRAMS } from './program-under-test.ts';
import { pushCommand } from './push-command.ts';

describe('a key named on the command line', () => {
  let dir = '';
  let reference = '';
  const closing: (() => Promise<void>)[] = [];
  const run = async (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly stderr: string; readonly exitCode: number }> =>
    programCommand('nv2', dir)({ args, env, stdin: '' });

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nv2-key-'));
    const registry = await startRegistry({ dir: join(dir, 'r'), host: '127.0.0.1', port: 0 });
    closing.push(
      () => registry.close(),
      () => rm(dir, { recursive: true, force: true }),
    );
    reference = `localhost:${registry.url.port}/app:v1`;
    await pushCommand(new Map(), dir)({ args: [reference, 'content'], env: {}, stdin: '' });
    assert.equal((await run(['cert', 'generate-test', 'acme.example'])).exitCode, 0);
    for (const kind of ['key', 'crt']) {
      const bytes = await readFile(join(dir, `config/localkeys/acme.example.${kind}`));
      await writeFile(join(dir, `acme.${kind}`), bytes);
    }
    await rm(join(dir, 'config'), { recursive: true });
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const sign = (
    keyFile: string,
    env: Readonly<Record<string, string>> = {},
    ...more: readonly string[]
  ): Promise<{ readonly stderr: string; readonly exitCode: number }> =>
    run(['sign', '--key-file', keyFile, '--cert-file', 'acme.crt', ...more, reference], env);

  test('signs from files, and no configuration is made or needed', async () => {
    const signed = await sign('acme.key');
    assert.equal(signed.exitCode, 0, signed.stderr);
    const verified = await run(['verify', '--trust', 'acme.crt', reference]);
    assert.equal(verified.exitCode, 0, verified.stderr);
    await assert.rejects(readFile(join(dir, 'config/signingkeys.json')), { code: 'ENOENT' });
  });

  test('signs from an environment variable', async () => {
    const KEY = await readFile(join(dir, 'acme.key'), 'utf8');
    const fromVariable = await sign('env:KEY', { KEY });
    assert.equal(fromVariable.exitCode, 0, fromVariable.stderr);
  });

  test('signs from descriptors that the program is started with, be they files or pipes', async () => {
    const [key, chain] = await Promise.all(
      ['acme.key', 'acme.crt'].map((name) => readFile(join(dir, name))),
    );
    const env = { PATH: process.env['PATH'], HOME: dir, NOTATION_CONFIG: join(dir, 'config') };
    const args = ['sign', '--key-file', 'fd:3', '--cert-file', 'fd:4', reference];
    const fed = (bytes: Buffer | undefined): Promise<Outcome> => {
      const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] as const;
      const child = spawn(join(PROGRAMS, 'nv2'), args, { cwd: dir, env, stdio: [...stdio] });
      for (const [fd, content] of [
        [3, bytes],
        [4, chain],
      ] as const) {
        const pipe = child.stdio[fd];
        assert.ok(pipe instanceof Writable);
        // a program that ends early reads nothing more
        pipe.on('error', () => undefined).end(content);
      }
      return finish(child);
    };
    const signed = await fed(key);
    assert.equal(signed.code, 0, signed.stderr);
    assert.match(signed.stdout, /^Successfully signed /);
    const empty = await fed(undefined);
    assert.deepEqual([empty.code, empty.stdout], [2, '']);
    const open = '"$0" "$@" 3<acme.key 4<acme.crt';
    const piped = 'cat acme.key | "$0" "$@" 3<&0 4<acme.crt';
    // a shell leaves such a pipe open under a second number
    const twice = 'cat acme.key | "$0" "$@" 3<&0 8<&0 4<acme.crt';
    for (const shell of [open, piped, twice]) {
      const { code, stderr } = await finish(
        spawn('sh', ['-c', shell, join(PROGRAMS, 'nv2'), ...args], { cwd: dir, env }),
      );
      assert.equal(code, 0, `${shell}: ${stderr}`);
    }
    // the runtime has some of these for itself, which are no more open to the caller than the others
    for (const fd of [3, 4, 5, 6, 9]) {
      const of = ['sign', '--key-file', `fd:${fd}`, '--cert-file', 'acme.crt', reference];
      const closed = await finish(
        spawn(join(PROGRAMS, 'nv2'), of, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      assert.equal(closed.code, 2, closed.stderr);
      assert.ok(closed.stderr.includes(`names fd:${fd}, which is not open [CLI_FILE_UNREADABLE]`));
      assert.ok(closed.stderr.includes(`--key-file fd:${fd} ${fd}<FILE`));
    }
  });

  test('is waited for no longer than until Ctrl-C, where its pipe keeps silent', async () => {
    const env = { PATH: process.env['PATH'], HOME: dir, NOTATION_CONFIG: join(dir, 'config') };
    const args = ['sign', '--cert-file', 'acme.crt', '--key-file', 'fd:3', reference];
    const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const;
    const child = spawn(join(PROGRAMS, 'nv2'), args, { cwd: dir, env, stdio: [...stdio] });
    const ended = finish(child);
    const pipe = child.stdio[3];
    assert.ok(pipe instanceof Writable);
    pipe.on('error', () => undefined);
    // more than a pipe holds: it is written once somebody reads
    await new Promise((resolve) => pipe.write(Buffer.alloc(500_000), resolve));
    child.kill('SIGINT');
    const { code, signal, stderr } = await ended;
    assert.match(stderr, /^Error: interrupted \[CLI_INTERRUPTED\]$/m);
    // shells tell both as 130
    assert.ok(code === 130 || signal === 'SIGINT', `${code}, ${signal}`);
  });

  const elsewhere =
    SCRIPTS_START_PROGRAMS && 'descriptors of this process are not those of another';
  test('signs from a file descriptor', { skip: elsewhere }, async () => {
    const fd = openSync(join(dir, 'acme.key'), 'r');
    try {
      const fromDescriptor = await sign(`fd:${fd}`);
      assert.equal(fromDescriptor.exitCode, 0, fromDescriptor.stderr);
    } finally {
      // the command has closed it
      assert.throws(() => closeSync(fd), { code: 'EBADF' });
    }
  });

  test('may be encrypted, with its passphrase from a file or a variable', async () => {
    const { createPrivateKey } = await import('node:crypto');
    const key = createPrivateKey(await readFile(join(dir, 'acme.key')));
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret words' };
    await writeFile(
      join(dir, 'encrypted.key'),
      key.export({ format: 'pem', type: 'pkcs8', ...cipher }),
    );
    await writeFile(join(dir, 'passphrase'), 'secret words\n');
    for (const source of ['passphrase', 'env:WORDS']) {
      const signed = await sign('encrypted.key', { WORDS: 'secret words' }, '--passphrase', source);
      assert.equal(signed.exitCode, 0, signed.stderr);
    }
    const wrong = await sign('encrypted.key', { WORDS: 'secret' }, '--passphrase', 'env:WORDS');
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /\[NOTARY_KEY_PASSPHRASE\]/);
    assert.ok(!wrong.stderr.includes('secret'));
    for (const [source, said] of [
      ['nofile', /Error: passphrase file \S+\/nofile does not exist \[NOTARY_FILE_NOT_FOUND\]/],
      ['env:NONE', /names the environment variable "NONE", which is not set \[CLI_FILE_MISSING\]/],
      ['env:EMPTY', /names the environment variable "EMPTY", which is empty \[CLI_FILE_MISSING\]/],
      ['env:', /the flag --passphrase expects env: and the name of a variable \[CLI_USAGE\]/],
      ['.', /is not a regular file but a directory \[NOTARY_FILE_NOT_REGULAR\]\nhint: put a/],
      ['/dev/null', /but a device \[NOTARY_FILE_NOT_REGULAR\]\nhint: .* --passphrase fd:3 3<FILE/],
    ] as const) {
      const unread = await sign('encrypted.key', { EMPTY: '' }, '--passphrase', source);
      assert.equal(unread.exitCode, 2);
      assert.match(unread.stderr, said);
    }
    const nobody = await sign('encrypted.key');
    assert.match(nobody.stderr, /\[CLI_INPUT_REQUIRED\]\nhint: give it with --passphrase/);
  });

  test('is listed when it is encrypted, if its passphrase is right, which is not kept', async () => {
    const add = (...more: readonly string[]): ReturnType<typeof run> => {
      const files = ['--key-file', 'encrypted.key', '--cert-file', 'acme.crt'];
      return run(['key', 'add', 'kept', ...files, ...more], { WORDS: 'wrong' });
    };
    const nobody = await add();
    assert.match(nobody.stderr, /\[CLI_INPUT_REQUIRED\]\nhint: give it with --passphrase/);
    const wrong = await add('--passphrase', 'env:WORDS');
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /\[NOTARY_KEY_PASSPHRASE\]/);
    const list = join(dir, 'config/signingkeys.json');
    await assert.rejects(readFile(list), { code: 'ENOENT' });
    const added = await add('--passphrase', 'passphrase');
    assert.equal(added.exitCode, 0, added.stderr);
    assert.ok(!(await readFile(list, 'utf8')).includes('secret'));
    const listed = ['sign', '--key', 'kept', reference];
    assert.match((await run(listed)).stderr, /\[CLI_INPUT_REQUIRED\]/);
    const signed = await run([...listed, '--passphrase', 'passphrase']);
    assert.equal(signed.exitCode, 0, signed.stderr);
    await rm(join(dir, 'config'), { recursive: true });
  });

  test('has a descriptor of its own, which can be read once', async () => {
    for (const more of [
      ['--cert-file', 'fd:3'],
      ['--passphrase', 'fd:3'],
    ]) {
      const { exitCode, stderr } = await sign('fd:3', {}, ...more);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, /both read fd:3: give each its own \[CLI_USAGE\]/);
    }
  });

  test('that is not there or not of the certificate is named in the error', async () => {
    for (const [source, code] of [
      ['missing.key', 'NOTARY_FILE_NOT_FOUND'],
      ['env:NOT_SET', 'CLI_FILE_MISSING'],
      ['fd:999', 'CLI_FILE_UNREADABLE'],
      ['fd:x', 'CLI_USAGE'],
      ['acme.crt', 'NOTARY_KEY_INVALID'],
    ] as const) {
      const failed = await sign(source);
      assert.equal(failed.exitCode, 2, failed.stderr);
      assert.ok(failed.stderr.includes(`[${code}]`), failed.stderr);
    }
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const KEY = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const other = await sign('env:KEY', { KEY });
    assert.match(other.stderr, /\[NOTARY_KEY_MISMATCH\]/);
  });
});
