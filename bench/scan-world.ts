// Where scans are measured: a registry, images in it that are signed, and a configuration that trusts
// their signer.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { KeySpec } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { openRepository } from '@nv2/oci';
import { makeChain, type TestChain } from '@nv2/testkit';
import { askPeerOnce, type PeerMeasured } from '../interop/peer-client.ts';
import { compile } from '../scripts/compile.ts';
import { configure, pushSigned, SIGNERS, type SignedBy } from './signed-image.ts';

/** The program of the checkout, as it is built. */
export const NV2: string = fileURLToPath(new URL('../bin/nv2', import.meta.url));

const ALGORITHM: KeySpec = { kind: 'rsa', modulusBits: 2048 };

/** A configuration in a directory of its own. */
export interface World {
  readonly directory: string;
  readonly chain: TestChain;
  /** For the program and for its peer. */
  readonly environment: readonly string[];
}

/** Calls `use` with a world of its own, which is gone afterwards, once the program is built. */
export async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  if ((await compile()) !== 0) throw new Error('the program does not compile');
  const directory = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  try {
    const chain = await makeChain({ algorithm: ALGORITHM, authority: ALGORITHM, depth: 3 });
    await configure(
      { config: directory, libexec: directory, cache: directory },
      { chain, scope: '*' },
    );
    const path = `PATH=${process.env['PATH']}`;
    await use({
      directory,
      chain,
      environment: [`NOTATION_CONFIG=${directory}`, `HOME=${directory}`, path],
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a program costs, which the harness starts; it has to end with 0. */
export async function measured(
  program: string,
  args: readonly string[],
  { environment }: World,
): Promise<PeerMeasured> {
  const run = await askPeerOnce('measure', { program, arguments: args, environment });
  if (!run.ok) throw new Error(`${program}: ${run.error}\n${run.output?.slice(0, 1000)}`);
  return run;
}

/** Pushes a signed image; resolves to its reference by digest. */
export async function push(
  repository: { readonly registry: string; readonly repository: string },
  { chain }: World,
  signedBy: SignedBy,
): Promise<string> {
  const transport = nodeTransport();
  try {
    const client = createHttpClient({ transport, userAgent: 'nv2-bench' });
    const target = openRepository(repository, { client, plainHttp: true });
    const digest = await pushSigned(target, { chain, tag: 'v1', signedBy });
    return `${repository.registry}/${repository.repository}@${digest}`;
  } finally {
    transport.close();
  }
}

/**
 * Calls `use` with the references of so many images of each signer, each in a repository of its own, in
 * our registry.
 */
export async function withImages(
  count: number,
  world: World,
  use: (references: Readonly<Record<SignedBy, readonly string[]>>) => Promise<void>,
): Promise<void> {
  const served = join(world.directory, 'registry');
  const args = ['registry', 'serve', '--dir', served, '--listen', '127.0.0.1:0'];
  await withServer(NV2, args, async (registry) => {
    const references = { nv2: [] as string[], notation: [] as string[] };
    for (let image = 0; image < count; image++) {
      for (const signedBy of SIGNERS) {
        const repository = { registry, repository: `${signedBy}${image}` };
        references[signedBy].push(await push(repository, world, signedBy));
      }
    }
    await use(references);
  });
}

/** Calls `use` with the address of a registry, once it writes one. */
export async function withServer(
  program: string,
  args: readonly string[],
  use: (registry: string) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  try {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await once(lines, 'line')) as [string];
    await use(/http:\/\/([^/]+)\//.exec(line)?.[1] ?? '');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
