import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EnvironmentFacts, readEnvironment } from './environment.ts';

function read(
  env: Readonly<Record<string, string>>,
  facts: Partial<EnvironmentFacts> = {},
): ReturnType<typeof readEnvironment> {
  return readEnvironment({ env, cwd: '/work', program: 'notation', platform: 'linux', ...facts });
}

test('directories are those of notation on each system', () => {
  const linux = read({ HOME: '/home/a' }).paths;
  assert.deepEqual(linux, {
    config: '/home/a/.config/notation',
    libexec: '/home/a/.config/notation',
    cache: '/home/a/.cache/notation',
  });
  const xdg = read({ HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/k' }).paths;
  assert.deepEqual([xdg.config, xdg.cache], ['/c/notation', '/k/notation']);
  const mac = read({ HOME: '/Users/a' }, { platform: 'darwin' }).paths;
  assert.equal(mac.config, '/Users/a/Library/Application Support/notation');
});

test('NOTATION_CONFIG, NOTATION_LIBEXEC and NOTATION_CACHE are taken as they are', () => {
  const { paths, defaultPaths } = read({ HOME: '/h', NOTATION_CONFIG: 'conf' });
  assert.deepEqual([paths.config, paths.libexec], ['/work/conf', '/work/conf']);
  assert.equal(defaultPaths.config, '/h/.config/notation');
  const all = read({ NOTATION_CONFIG: '/c', NOTATION_LIBEXEC: '/l', NOTATION_CACHE: '/k' }).paths;
  assert.deepEqual(all, { config: '/c', libexec: '/l', cache: '/k' });
});

test('where no home is known, or XDG is relative, everything is in .notation', () => {
  assert.equal(read({}).paths.config, '/work/.notation');
  assert.equal(read({ HOME: '/h', XDG_CONFIG_HOME: 'relative' }).paths.config, '/work/.notation');
  assert.equal(read({}).paths.cache, '/work/.notation/cache');
});

test('under the name nv2, nothing in the current directory decides what is trusted', () => {
  for (const env of [{}, { HOME: '' }, { HOME: '/h', XDG_CONFIG_HOME: 'relative' }]) {
    const environment = read(env, { program: 'nv2' });
    assert.throws(() => environment.paths, { code: 'CLI_HOME_UNKNOWN' });
    assert.throws(() => environment.defaultPaths, { code: 'CLI_HOME_UNKNOWN' });
  }
  const relative = read({ HOME: '/h', XDG_CONFIG_HOME: 'relative' }, { program: 'nv2' });
  assert.throws(() => relative.paths, { message: /XDG_CONFIG_HOME is "relative"/ });
  const named = read({ NOTATION_CONFIG: '/c' }, { program: 'nv2' });
  assert.equal(named.paths.config, '/c');
});

test('user name and password are read, and children do not get them', () => {
  const environment = read({ NOTATION_USERNAME: 'u', NOTATION_PASSWORD: 'p', PATH: '/bin' });
  assert.deepEqual([environment.username, environment.password], ['u', 'p']);
  assert.deepEqual(environment.childEnv, { PATH: '/bin' });
});

test('the experimental gate opens only for exactly 1, and is always open under nv2', () => {
  assert.equal(read({}).experimental, false);
  assert.equal(read({ NOTATION_EXPERIMENTAL: 'true' }).experimental, false);
  assert.equal(read({ NOTATION_EXPERIMENTAL: '1' }).experimental, true);
  assert.equal(read({}, { program: 'nv2' }).experimental, true);
});

test('proxies and certificates are read as Go reads them', () => {
  const { proxies, certificates } = read({
    http_proxy: 'http://p:1',
    HTTPS_PROXY: 'http://p:2',
    NO_PROXY: 'a,b',
    SSL_CERT_FILE: '/f',
    SSL_CERT_DIR: '/a:/b',
  });
  assert.deepEqual(proxies, { http: 'http://p:1', https: 'http://p:2', noProxy: 'a,b' });
  assert.deepEqual(certificates, { file: '/f', directories: ['/a', '/b'] });
  assert.deepEqual(read({ HTTP_PROXY: 'http://evil', REQUEST_METHOD: 'GET' }).proxies, {});
});

test('the docker configuration is in the home directory unless DOCKER_CONFIG says where', () => {
  assert.equal(read({ HOME: '/h' }).dockerConfig, '/h/.docker');
  assert.equal(read({ HOME: '/h', DOCKER_CONFIG: '/d' }).dockerConfig, '/d');
  assert.equal(read({}).dockerConfig, undefined);
});
