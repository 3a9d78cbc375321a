import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { IN_MOUNT_NAMESPACE, mountObstacle } from './mount-namespace.ts';
import { PROGRAMS } from './program-under-test.ts';

const NV2 = join(PROGRAMS, 'nv2');
const [WRAPPER, ...WRAPPER_ARGS] = IN_MOUNT_NAMESPACE;

/** Serves from a small tmpfs; each line of standard input is one step. Hard links count once. */
const SCRIPT = `set -eu
  mount -t tmpfs -o size=1m none "$2"; cd "$2"
  "$1" registry serve --dir registry --listen 127.0.0.1:0 & server=$!
  trap 'kill $server' EXIT
  read -r step; dd if=/dev/zero bs=4096 2>/dev/null > fill || true; echo filled
  read -r step; rm fill; echo freed
  read -r step; find registry -type f -size +50k -exec ls -i {} + |
    sed 's/registry.*//' | sort -u | wc -l`;

const skip = mountObstacle() ?? false;

class Steps {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]();
  }

  /** The next line that is printed, after a step if one is asked for. */
  async line(step?: string): Promise<string> {
    if (step !== undefined) this.#child.stdin?.write(`${step}\n`);
    return String((await this.#lines.next()).value);
  }
}

async function push(url: string, blob: Uint8Array): Promise<Response> {
  const digest = digestOf(blob);
  const headers = { 'content-type': 'application/octet-stream' };
  const body = new Uint8Array(blob);
  return fetch(`${url}v2/app/blobs/uploads/?digest=${digest}`, { method: 'POST', headers, body });
}

function digestOf(blob: Uint8Array): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}

test('a registry on a full file system (a tmpfs in a mount namespace) refuses a push with the reason, serves what it has, and goes on once there is space', {
  skip,
}, async () => {
  await withTempDir(async (dir) => {
    const child = spawn(WRAPPER, [...WRAPPER_ARGS, 'sh', '-c', SCRIPT, 'sh', NV2, dir], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'close');
    const steps = new Steps(child);
    const url = /at (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(await steps.line())?.[1] ?? '';
    const [first, second] = [randomBytes(100_000), randomBytes(100_000)];
    assert.equal((await push(url, first)).status, 201);

    assert.equal(await steps.line('fill'), 'filled');
    const refused = await push(url, second);
    assert.equal(refused.status, 507);
    assert.match(await refused.text(), /no space left/);
    const absent = await fetch(`${url}v2/app/blobs/${digestOf(second)}`);
    assert.equal(absent.status, 404);
    const kept = await fetch(`${url}v2/app/blobs/${digestOf(first)}`);
    assert.deepEqual(Buffer.from(await kept.arrayBuffer()), first);

    assert.equal(await steps.line('free'), 'freed');
    assert.equal((await push(url, second)).status, 201);
    assert.equal((await steps.line('count')).trim(), '2', 'parts of the refused push stayed');
    await ended;
  });
});
