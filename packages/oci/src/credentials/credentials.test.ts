import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { code } from '../../test/world.ts';
import type { OciError } from '../errors.ts';
import { type Credential, credentialFrom } from './credential.ts';
import { type HelperRunner, helperStore, spawnHelper } from './helper.ts';
import { openCredentialStore } from './open-store.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ME: Credential = { kind: 'basic', username: 'me', password: 'se:cret' };

interface Call {
  readonly name: string;
  readonly action: string;
  readonly input: string;
}

/** A helper that has one credential, for any server. */
function fakeHelper(): { readonly run: HelperRunner; readonly calls: Call[] } {
  const calls: Call[] = [];
  const stdout = new TextEncoder().encode('{"ServerURL":"x","Username":"me","Secret":"se:cret"}');
  return {
    calls,
    run: (call) => {
      calls.push(call);
      return Promise.resolve({ exitCode: 0, stdout });
    },
  };
}

async function withConfigs(
  configs: { readonly notation?: unknown; readonly docker?: unknown },
  use: (paths: { notationConfig: string; dockerConfig: string; dir: string }) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const notationConfig = join(dir, 'notation.json');
    const dockerConfig = join(dir, 'docker.json');
    const write = (path: string, value: unknown): Promise<void> =>
      writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
    if (configs.notation !== undefined) await write(notationConfig, configs.notation);
    if (configs.docker !== undefined) await write(dockerConfig, configs.docker);
    await use({ notationConfig, dockerConfig, dir });
  });
}

test('plain credentials of a file are read, for exactly their server', async () => {
  const auths = {
    'r.example': { auth: base64('me:se:cret') },
    'https://old.example/v1/': { auth: base64('old:pw') },
    'token.example': { auth: base64('x:'), identitytoken: 'REFRESH' },
    'access.example': { registrytoken: 'ACCESS', identitytoken: 'REFRESH' },
    'fields.example': { username: 'me', password: 'se:cret' },
    'empty.example': {},
  };
  await withConfigs({ docker: { auths } }, async (paths) => {
    const store = await openCredentialStore(paths);
    assert.deepEqual(await store.get('r.example'), ME);
    assert.deepEqual(await store.get('fields.example'), ME);
    assert.deepEqual(await store.get('old.example'), {
      kind: 'basic',
      username: 'old',
      password: 'pw',
    });
    assert.deepEqual(await store.get('token.example'), { kind: 'refreshToken', token: 'REFRESH' });
    assert.deepEqual(await store.get('access.example'), { kind: 'accessToken', token: 'ACCESS' });
    assert.equal(await store.get('empty.example'), undefined);
  });
});

test('security row 21: credentials of a file are not those of a look-alike host', async () => {
  const auths = {
    'r.example': { auth: base64('me:pw') },
    'https://s.example/v1/': { auth: base64('me:pw') },
  };
  await withConfigs({ docker: { auths } }, async (paths) => {
    const store = await openCredentialStore(paths);
    for (const address of [
      'r.example.evil.net',
      'evil.r.example',
      'r.example:5000',
      'R.example',
      'r.exampl',
      '',
      's.example.evil.net',
      's.example/v1/',
    ]) {
      assert.equal(await store.get(address), undefined, address);
    }
  });
});

test("notation's configuration comes before docker's, if it says anything", async () => {
  const docker = { auths: { 'r.example': { auth: base64('docker:pw') } } };
  const notation = { credsStore: 'mine' };
  const { run: runHelper, calls } = fakeHelper();
  await withConfigs({ notation, docker }, async (paths) => {
    const store = await openCredentialStore({ ...paths, runHelper });
    assert.deepEqual(await store.get('r.example'), ME);
  });
  assert.deepEqual(calls, [{ name: 'mine', action: 'get', input: 'r.example' }]);
  await withConfigs({ notation: { signatureFormat: 'cose' }, docker }, async (paths) => {
    const store = await openCredentialStore({ ...paths, runHelper });
    assert.equal((await store.get('r.example'))?.kind, 'basic');
    assert.equal(calls.length, 1);
  });
});

test('a helper of one server comes before the helper of all', async () => {
  const { run: runHelper, calls } = fakeHelper();
  const docker = { credsStore: 'all', credHelpers: { 'r.example': 'one' } };
  await withConfigs({ docker }, async (paths) => {
    const store = await openCredentialStore({ ...paths, runHelper });
    await store.get('r.example');
    await store.get('s.example');
    await store.store('r.example', ME);
    await store.erase('s.example');
  });
  assert.deepEqual(
    calls.map(({ name, action }) => `${name} ${action}`),
    ['one get', 'all get', 'one store', 'all erase'],
  );
  assert.deepEqual(JSON.parse(calls[2]?.input ?? ''), {
    ServerURL: 'r.example',
    Username: 'me',
    Secret: 'se:cret',
  });
});

test('nothing configured and nothing installed is no credential, and none can be stored', async () => {
  await withConfigs({}, async (paths) => {
    const store = await openCredentialStore(paths);
    assert.equal(await store.get('r.example'), undefined);
    await store.erase('r.example');
    await assert.rejects(store.store('r.example', ME), code('OCI_CREDENTIAL_STORE_REQUIRED'));
  });
});

test('credentials are never stored as plain text, but those that are can be erased', async () => {
  const docker = {
    auths: { 'r.example': { auth: base64('me:pw') }, 's.example': { auth: base64('me:pw') } },
    'x-mine': { a: [1] },
  };
  await withConfigs({ docker }, async (paths) => {
    const store = await openCredentialStore(paths);
    await assert.rejects(store.store('r.example', ME), code('OCI_CREDENTIAL_STORE_REQUIRED'));
    await store.erase('r.example');
    const { 'r.example': _, ...auths } = docker.auths;
    assert.deepEqual(JSON.parse(await readFile(paths.dockerConfig, 'utf8')), { ...docker, auths });
  });
});

test("the platform's helper is used where no file says anything, if it is installed", async () => {
  const { run: runHelper, calls } = fakeHelper();
  const install = async (dir: string, name: string): Promise<void> => {
    await writeFile(join(dir, name), '');
    await chmod(join(dir, name), 0o755);
  };
  await withConfigs({}, async ({ dir, ...paths }) => {
    const options = { ...paths, runHelper, searchPath: ['', dir] };
    const get = async (platform: NodeJS.Platform): Promise<void> => {
      await (await openCredentialStore({ ...options, platform })).get('r.example');
    };
    await get('linux');
    await install(dir, 'docker-credential-secretservice');
    await get('linux');
    await install(dir, 'pass');
    await get('linux');
    await install(dir, 'docker-credential-pass');
    await get('linux');
    await install(dir, 'docker-credential-osxkeychain');
    await get('darwin');
    await get('freebsd');
  });
  assert.deepEqual(
    calls.map(({ name }) => name),
    ['secretservice', 'pass', 'osxkeychain'],
  );
});

for (const content of [
  '',
  '[]',
  '{"auths":[]}',
  '{"auths":{},"auths":{}}',
  '{"credsStore":7}',
  '{"credHelpers":{"r.example":7}}',
]) {
  test(`a configuration of ${JSON.stringify(content)} is refused`, async () => {
    await withConfigs({ docker: content }, async (paths) => {
      await assert.rejects(openCredentialStore(paths), code('OCI_CREDENTIAL_CONFIG_INVALID'));
    });
  });
}

for (const entry of [
  7,
  { auth: 7 },
  { auth: '***' },

  { auth: base64('secret') },
]) {
  test(`an entry of ${JSON.stringify(entry)} is refused without showing it`, async () => {
    await withConfigs({ docker: { auths: { 'r.example': entry } } }, async (paths) => {
      const store = await openCredentialStore(paths);
      await assert.rejects(store.get('r.example'), (error: unknown) => {
        return code('OCI_CREDENTIAL_CONFIG_INVALID')(error) && !String(error).includes('secret');
      });
    });
  });
}

for (const name of ['', '../evil', 'a/b', 'a b', '-x', 'a\u0000', 'a;b', '$(x)']) {
  test(`security row 19: ${JSON.stringify(name)} is no name of a helper`, () => {
    const { run } = fakeHelper();
    assert.throws(() => helperStore(name, run), code('OCI_CREDENTIAL_CONFIG_INVALID'));
  });
}

function answering(exitCode: number, text: string): HelperRunner {
  return () => Promise.resolve({ exitCode, stdout: new TextEncoder().encode(text) });
}

test('what a helper answers is read by the protocol', async () => {
  const get = (run: HelperRunner): Promise<Credential | undefined> =>
    helperStore('x', run).get('r.example');
  const token = answering(0, '{"ServerURL":"x","Username":"<token>","Secret":"T"}');
  assert.deepEqual(await get(token), { kind: 'refreshToken', token: 'T' });
  assert.equal(await get(answering(1, 'credentials not found in native keychain\n')), undefined);
  assert.equal(await get(answering(0, '{"Username":"","Secret":""}')), undefined);
  for (const run of [
    answering(1, 'no keychain\u001b[31m'),
    answering(2, ''),
    answering(0, ''),
    answering(0, '[]'),
    answering(0, 'hidden'),
    answering(0, '{"Username":7,"Secret":"hidden"}'),
  ]) {
    await assert.rejects(get(run), (error: unknown) => {
      assert.ok(code('OCI_CREDENTIAL_HELPER_FAILED')(error));
      const { message } = error as OciError;
      return !message.includes('hidden') && !message.includes('\u001b');
    });
  }
});

test('erasing what a helper does not have is done', async () => {
  await helperStore('x', answering(1, 'credentials not found in native keychain')).erase(
    'r.example',
  );
  await assert.rejects(
    helperStore('x', answering(1, 'broken')).erase('r.example'),
    code('OCI_CREDENTIAL_HELPER_FAILED'),
  );
});

async function withProgram(script: string, use: (dir: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const path = join(dir, 'docker-credential-test');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    await use(dir);
  });
}

test('a helper program gets its input and its environment, and no other', async () => {
  const script =
    'read -r server; echo "{\\"Username\\":\\"$1 $server\\",\\"Secret\\":\\"$GIVEN$HOME\\"}"';
  await withProgram(script, async (dir) => {
    const environment = { PATH: `${dir}:/usr/bin:/bin`, GIVEN: 'given' };
    const found = await helperStore('test', spawnHelper({ environment })).get('r.example');
    assert.deepEqual(found, { kind: 'basic', username: 'get r.example', password: 'given' });
  });
});

test('a helper program that hangs, floods or is not there fails', async () => {
  const scripts = ['exec sleep 100', 'exec yes', 'kill -9 $$'];
  for (const script of scripts) {
    await withProgram(script, async (dir) => {
      const environment = { PATH: `${dir}:/usr/bin:/bin` };
      const run = spawnHelper({ environment, timeoutMs: script.includes('sleep') ? 50 : 10_000 });
      const found = helperStore('test', run).get('r.example');
      await assert.rejects(found, code('OCI_CREDENTIAL_HELPER_FAILED'));
    });
  }
  const absent = helperStore('absent', spawnHelper({ environment: { PATH: '/nowhere' } }));
  await assert.rejects(absent.get('r.example'), (error: unknown) => {
    return (
      code('OCI_CREDENTIAL_HELPER_FAILED')(error) && (error as OciError).data['missing'] === true
    );
  });
});

test('a helper program ends when its caller does', async () => {
  await withProgram('exec sleep 100', async (dir) => {
    const run = spawnHelper({ environment: { PATH: `${dir}:/usr/bin:/bin` } });
    const controller = new AbortController();
    const found = helperStore('test', run).get('r.example', { signal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(found, code('OCI_CREDENTIAL_HELPER_FAILED'));
  });
});

test('a password alone is a token, and nothing is nothing', () => {
  assert.deepEqual(credentialFrom('', 'T'), { kind: 'refreshToken', token: 'T' });
  assert.deepEqual(credentialFrom('me', 'se:cret'), ME);
  assert.equal(credentialFrom('', ''), undefined);
});
