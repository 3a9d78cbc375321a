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

const PEAK_MEMORY_MB = 150;
const ROUNDS = 5;
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
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
    const samples = new Map(servers.map((server) => [server.name, [] as Sample[]]));
    for (let i = 0; i < ROUNDS; i++) {
      for (const server of servers) samples.get(server.name)?.push(await round(server));
    }
    const lines = await Promise.all(
      servers.map(async ({ name, child }) => {
        const own = samples.get(name) ?? [];
        return {
          name,
          push: median(own.map((sample) => sample.push)),
          pull: median(own.map((sample) => sample.pull)),
          peak: await peakMemory(child),
        };
      }),
    );
    report(lines);
  } finally {
    agent.destroy();
    for (const { child } of servers) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  }
}

interface Line {
  readonly name: string;
  readonly push: number;
  readonly pull: number;
  readonly peak: number;
}

function report(lines: readonly Line[]): void {
  const [ours, theirs] = lines;
  if (ours === undefined || theirs === undefined) return;
  const [push, pull] = [ours.push / theirs.push, ours.pull / theirs.pull];
  const row = (name: string, ...cells: readonly string[]): string =>
    name.padEnd(18) + cells.map((cell) => cell.padStart(12)).join('');
  const text = [
    `one blob of ${CHUNKS} MB, median of ${ROUNDS} rounds`,
    row('', 'push MB/s', 'pull MB/s', 'peak MB'),
    ...lines.map((line) =>
      row(line.name, line.push.toFixed(0), line.pull.toFixed(0), line.peak.toFixed(0)),
    ),
    row('ratio', push.toFixed(2), pull.toFixed(2)),
    row('bound', '≥ 1', '≥ 1', `≤ ${PEAK_MEMORY_MB}`),
  ];
  process.stdout.write(`${text.join('\n')}\n`);
  if (push < 1 || pull < 1 || ours.peak > PEAK_MEMORY_MB) process.exitCode = 1;
}

await main();
