// A blob of 1 GB pushed to and pulled from our registry and Debian's docker-registry, in turns, by
// one plain client. An argument names another size in MB.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peer } from '../interop/peers.ts';
import { printTable, type Row, summarize, summarizeRatios } from './measure.ts';

const PEAK_MEMORY_MB = 150;
const ROUNDS = 20;
const CHUNK = 1_000_000;
const CHUNKS = Number(process.argv[2] ?? 1000);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly origin: string;
}

/** MB per second of one round. */
interface Sample {
  readonly push: number;
  readonly pull: number;
}

async function start(name: string, command: readonly string[], port: number): Promise<Server> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const origin = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    try {
      (await send(`${origin}/v2/`, { method: 'GET' })).resume();
      return { name, child, origin };
    } catch (cause) {
      if (attempt > 200) throw new Error(`${name} does not answer`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function send(
  url: string,
  options: { readonly method: string; readonly chunks?: readonly Uint8Array[] },
): Promise<IncomingMessage> {
  const { method, chunks = [] } = options;
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const headers = {
    'content-length': length,
    ...(length > 0 && { 'content-type': 'application/octet-stream' }),
  };
  const outgoing = request(url, { method, agent, headers });
  const answer = once(outgoing, 'response');
  answer.catch(() => undefined);
  for (const chunk of chunks) if (!outgoing.write(chunk)) await once(outgoing, 'drain');
  outgoing.end();
  const [response] = (await answer) as [IncomingMessage];
  return response;
}

async function expectStatus(response: IncomingMessage, status: number): Promise<IncomingMessage> {
  if (response.statusCode !== status) throw new Error(`answer ${response.statusCode}`);
  return response;
}

async function count(response: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Uint8Array).length;
  return bytes;
}

/** Pushes a new blob (POST, PUT) and pulls it. */
async function round(server: Server): Promise<Sample> {
  const chunk = randomBytes(CHUNK);
  const chunks = Array.from({ length: CHUNKS }, () => chunk);
  const hash = createHash('sha256');
  for (const part of chunks) hash.update(part);
  const digest = `sha256:${hash.digest('hex')}`;
  const repository = `${server.origin}/v2/bench/blob`;
  const megabytes = (CHUNK * CHUNKS) / 1e6;

  const began = performance.now();
  const post = await send(`${repository}/blobs/uploads/`, { method: 'POST' });
  await count(await expectStatus(post, 202));
  const location = new URL(post.headers.location ?? '', server.origin);
  location.searchParams.set('digest', digest);
  await count(await expectStatus(await send(location.href, { method: 'PUT', chunks }), 201));
  const pushed = performance.now();
  const get = await send(`${repository}/blobs/${digest}`, { method: 'GET' });
  const bytes = await count(await expectStatus(get, 200));
  const pulled = performance.now();
  if (bytes !== CHUNK * CHUNKS) throw new Error(`pulled ${bytes} bytes`);
  await count(await send(`${repository}/blobs/${digest}`, { method: 'DELETE' }));
  return {
    push: (megabytes * 1000) / (pushed - began),
    pull: (megabytes * 1000) / (pulled - pushed),
  };
}

/** Highest resident memory of a process in MB (proc(5), VmHWM). */
async function peakMemory(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1000;
}

async function startOurs(directory: string): Promise<Server> {
  const port = await freePort();
  // from its sources, whatever may be built: what is measured is what is being changed
  const cli = fileURLToPath(new URL('../packages/cli/src/nv2.ts', import.meta.url));
  const node = [process.execPath, '--conditions=@nv2/source', cli];
  const args = ['registry', 'serve', '--dir', join(directory, 'ours')];
  return start('nv2', [...node, ...args, '--listen', `127.0.0.1:${port}`], port);
}

async function startPeer(directory: string): Promise<Server> {
  const port = await freePort();
  const config = join(directory, 'peer.yml');
  const root = join(directory, 'peer');
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: { filesystem: { rootdirectory: ${root} }, delete: { enabled: true } }\nhttp: { addr: 127.0.0.1:${port} }\n`,
  );
  return start('docker-registry', [await peer('docker-registry'), 'serve', config], port);
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  const servers: Server[] = [];
  try {
    servers.push(await startOurs(directory), await startPeer(directory));
    const [ours, theirs] = servers;
    if (ours === undefined || theirs === undefined) return;
    const own: Sample[] = [];
    const other: Sample[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      own.push(await round(ours));
      other.push(await round(theirs));
      // it keeps what was deleted until its garbage collection
      await rm(join(directory, 'peer', 'docker'), { recursive: true, force: true });
    }
    const peak = { ours: await peakMemory(ours.child), theirs: await peakMemory(theirs.child) };
    printTable(`one blob of ${CHUNKS} MB, ${ROUNDS} rounds in turns`, [
      ...compared('push', { own, other }),
      ...compared('pull', { own, other }),
      {
        name: 'peak memory, nv2',
        timing: summarize([peak.ours]),
        unit: 'MB',
        atMost: PEAK_MEMORY_MB,
      },
      { name: 'peak memory, docker-registry', timing: summarize([peak.theirs]), unit: 'MB' },
    ]);
  } finally {
    agent.destroy();
    for (const { child } of servers) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  }
}

function compared(
  way: keyof Sample,
  { own, other }: { readonly own: readonly Sample[]; readonly other: readonly Sample[] },
): readonly Row[] {
  const ours = own.map((sample) => sample[way]);
  const theirs = other.map((sample) => sample[way]);
  return [
    { name: `${way}, nv2`, timing: summarize(ours), unit: 'MB/s' },
    { name: `${way}, docker-registry`, timing: summarize(theirs), unit: 'MB/s' },
    { name: `${way}, ratio`, timing: summarizeRatios(ours, theirs), unit: '×', atLeast: 1 },
  ];
}

await main();
