import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseHtpasswd, passwordAuthentication, RegistryError, readHtpasswd } from '@nv2/registry';
import { hashSync } from 'bcryptjs';
import { digestOf, utf8, withRegistry, withScratchDir } from './harness.ts';

const ALICE = `alice:${hashSync('secret', 4)}`;

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof RegistryError && error.code === code;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

describe('a htpasswd file', () => {
  test('is read with comments, blank lines and every form of bcrypt', () => {
    const hash = hashSync('x', 4).slice(4);
    const text = `# users\n\n${ALICE}\r\nbob:$2y$${hash}\ncarol:$2a$${hash}\n`;
    assert.deepEqual([...parseHtpasswd(text).keys()], ['alice', 'bob', 'carol']);
  });

  test('with another hash, a cost out of bounds, a double user or no user is refused', () => {
    const rest = '.'.repeat(53);
    const texts = [
      '',
      '# nobody',
      'alice',
      ':x',
      'alice:secret',
      'alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
      'alice:$apr1$x$y',
      `alice:$2b$03$${rest}`,
      `alice:$2b$13$${rest}`,
      `alice:$2b$31$${rest}`,
      `${ALICE}\n${ALICE}`,
    ];
    for (const text of texts) {
      assert.throws(() => parseHtpasswd(text), hasCode('REGISTRY_HTPASSWD_INVALID'), text);
    }
  });

  test('that cannot be read is an error with its name', async () => {
    await withScratchDir(async (directory) => {
      const missing = join(directory, 'none');
      await assert.rejects(readHtpasswd(missing), hasCode('REGISTRY_HTPASSWD_INVALID'));
      await writeFile(missing, ALICE);
      assert.equal((await readHtpasswd(missing)).size, 1);
    });
  });
});

describe('passwords', () => {
  test('let in who knows them, again and again', async () => {
    const authenticate = passwordAuthentication(parseHtpasswd(ALICE));
    await authenticate(basic('alice', 'secret'));
    await authenticate(basic('alice', 'secret').replace('Basic', 'basic'));
  });

  test('that are wrong, missing, malformed or of nobody are refused', async () => {
    const authenticate = passwordAuthentication(parseHtpasswd(ALICE));
    await authenticate(basic('alice', 'secret'));
    const attempts = [
      null,
      '',
      'Basic',
      'Basic !!!!',
      `Basic ${Buffer.from('alice').toString('base64')}`,
      `Basic ${Buffer.from([0xff, 0x3a]).toString('base64')}`,
      'Bearer abc',
      basic('alice', ''),
      basic('alice', 'Secret'),
      basic('alice', 'secret\0'),
      basic('alice', 'secret '),
      basic('bob', 'secret'),
      basic('', 'secret'),
      basic('__proto__', 'secret'),
    ];
    for (const attempt of attempts) {
      await assert.rejects(authenticate(attempt), hasCode('REGISTRY_UNAUTHORIZED'), attempt ?? '');
    }
  });

  test('that bcrypt would cut short are refused', async () => {
    const long = 'x'.repeat(72);
    const users = parseHtpasswd(`alice:${hashSync(long, 4)}`);
    await passwordAuthentication(users)(basic('alice', long));
    await assert.rejects(
      passwordAuthentication(users)(basic('alice', `${long}y`)),
      hasCode('REGISTRY_UNAUTHORIZED'),
    );
  });

  test('are checked once for requests that come together, and few at a time', async () => {
    const authenticate = passwordAuthentication(parseHtpasswd(ALICE));
    await Promise.all(Array.from({ length: 50 }, () => authenticate(basic('alice', 'secret'))));
    const guesses = Array.from({ length: 50 }, (_, i) =>
      authenticate(basic('alice', `guess ${i}`)),
    );
    const outcomes = await Promise.allSettled(guesses);
    const busy = outcomes.filter(
      (outcome) =>
        outcome.status === 'rejected' && hasCode('REGISTRY_TOO_MANY_LOGINS')(outcome.reason),
    );
    assert.equal(busy.length, 42);
    assert.ok(outcomes.every((outcome) => outcome.status === 'rejected'));
  });

  test('are asked for with a challenge on every endpoint', async () => {
    const authenticate = passwordAuthentication(parseHtpasswd(ALICE));
    await withRegistry(
      async (harness) => {
        const digest = digestOf(utf8(''));
        const paths = [
          '/v2/',
          '/v2/a/tags/list',
          `/v2/a/blobs/${digest}`,
          '/v2/a/manifests/b',
          '/x',
        ];
        for (const path of paths) {
          const response = await harness.send('GET', path);
          assert.equal(response.status, 401, path);
          assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm="/);
        }
        const post = await harness.send('POST', '/v2/a/blobs/uploads/');
        assert.equal(post.status, 401);
        const headers = { authorization: basic('alice', 'secret') };
        assert.equal((await harness.send('GET', '/v2/', { headers })).status, 200);
      },
      { authenticate },
    );
  });
});
