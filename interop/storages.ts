// The four places where the matrix keeps artifacts: three registries and an image layout.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { type ArtifactTarget, openLayout, openRepository, parseReference } from '@nv2/oci';
import { startRegistry } from '@nv2/registry';
import { stopped } from './child.ts';
import { peer } from './peers.ts';

/** A place for artifacts that both sides can reach. */
export interface Storage {
  readonly name: string;
  /** Opens a repository of this name. */
  open(repository: string): Promise<ArtifactTarget>;
  /** The fields of a harness request that name an artifact in the repository. */
  request(repository: string, version: string): Readonly<Record<string, unknown>>;
  /** What a trust policy is asked about. */
  scope(repository: string): string;
  close(): Promise<void>;
}

/** All four, started; a free port each. */
export async function startStorages(dir: string): Promise<readonly Storage[]> {
  return [
    await goRegistry(),
    await debianRegistry(join(dir, 'docker-registry')),
    await ownRegistry(join(dir, 'nv2')),
    layouts(join(dir, 'layouts')),
  ];
}

function registryStorage(name: string, host: string, stop: () => Promise<void>): Storage {
  const transport = nodeTransport({});
  const client = createHttpClient({ transport, userAgent: 'nv2-interop' });
  const scope = (repository: string): string => `${host}/${repository}`;
  return {
    name,
    scope,
    open: async (repository) =>
      openRepository(parseReference(scope(repository)), { client, plainHttp: true }),
    request: (repository, version) => ({
      reference: `${scope(repository)}@${version}`,
      plainHttp: true,
    }),
    async close() {
      transport.close();
      await stop();
    },
  };
}

/** go-containerregistry's registry, with the referrers API. */
async function goRegistry(): Promise<Storage> {
  const child = spawn(await peer('nv2-peer'), ['registry'], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout }))
    return registryStorage('go-containerregistry', new URL(line).host, () => stopped(child));
  throw new Error('nv2-peer registry did not start');
}

/** Debian's docker-registry, which has no referrers API. */
async function debianRegistry(dir: string): Promise<Storage> {
  const program = await peer('docker-registry');
  const port = await freePort();
  await mkdir(dir, { recursive: true });
  const config = join(dir, 'config.yml');
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const child = spawn(program, ['serve', config], { stdio: 'ignore' });
  await answering(`http://127.0.0.1:${port}/v2/`);
  return registryStorage('docker-registry', `127.0.0.1:${port}`, () => stopped(child));
}

async function ownRegistry(dir: string): Promise<Storage> {
  const server = await startRegistry({ dir, host: '127.0.0.1', port: 0 });
  return registryStorage('nv2 registry', server.url.host, () => server.close());
}

function layouts(dir: string): Storage {
  const path = (repository: string): string => join(dir, repository);
  return {
    name: 'OCI layout',
    scope: (repository) => `local/${repository}`,
    async open(repository) {
      await mkdir(path(repository), { recursive: true });
      return await openLayout(path(repository), { create: true });
    },
    request: (repository, version) => ({
      layout: path(repository),
      reference: version,
      scope: `local/${repository}`,
    }),
    close: async () => undefined,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Until the server answers; it says so in no other way. */
async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      await fetch(url);
      return;
    } catch {
      await delay(50);
    }
  }
  throw new Error(`no answer from ${url}`);
}
