import { type FakeResponse, hostileRegistry, serveFake } from '@nv2/testkit';

/** A registry in which the repository `app` has any number of other names: r0, r1, r2, … */
export interface StubRegistry {
  readonly host: string;
  /** Names by which a repository was asked for, in order, each once. */
  readonly asked: ReadonlySet<string>;
  /** The most repositories between the first question about them and the answer to the last. */
  readonly most: () => number;
  /** From now on, no blob is answered after so many; resolves when `stalled` requests wait. */
  readonly stallAfter: (blobs: number, stalled: number) => Promise<void>;
  /** Answers again, and forgets who asked. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

/** Starts an empty one. */
export async function startStubRegistry(): Promise<StubRegistry> {
  const registry = hostileRegistry();
  const asked = new Set<string>();
  const open = new Set<string>();
  let most = 0;
  let blobsLeft = Number.POSITIVE_INFINITY;
  let waiting = { left: 0, resolve: (): void => undefined };
  const server = await serveFake(async (request): Promise<FakeResponse> => {
    const [, name = '', what] = /^\/v2\/(r\d+)\/([a-z]+)\//.exec(request.url.pathname) ?? [];
    if (name === '') return registry.handler(request);
    if (!asked.has(name)) open.add(name);
    asked.add(name);
    most = Math.max(most, open.size);
    if (what === 'blobs') {
      if (blobsLeft === 0) {
        waiting.left -= 1;
        if (waiting.left === 0) waiting.resolve();
        return { status: 200, stall: 'headers' };
      }
      blobsLeft -= 1;
      open.delete(name);
    }
    const url = new URL(request.url.href.replace(`/${name}/`, '/app/'));
    return registry.handler({ ...request, url });
  });
  return {
    host: server.host,
    asked,
    most: () => most,
    stallAfter: (blobs, stalled) => {
      blobsLeft = blobs;
      return new Promise((resolve) => {
        waiting = { left: stalled, resolve };
      });
    },
    reset: () => {
      blobsLeft = Number.POSITIVE_INFINITY;
      asked.clear();
      open.clear();
      most = 0;
    },
    close: server.close,
  };
}
