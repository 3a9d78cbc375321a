// Where the bun runtimes come from: npm packages, at the version and with the checksum of
// package-lock.json. That of this machine is installed with the rest; others are fetched when asked.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, runCommand } from './run-command.ts';

/** Platforms that an executable can be built for, by the name of their npm package. */
const PACKAGES = {
  'linux-x64': '@oven/bun-linux-x64',
  'linux-arm64': '@oven/bun-linux-aarch64',
  'linux-x64-musl': '@oven/bun-linux-x64-musl',
  'linux-arm64-musl': '@oven/bun-linux-aarch64-musl',
  'darwin-x64': '@oven/bun-darwin-x64',
  'darwin-arm64': '@oven/bun-darwin-aarch64',
  'windows-x64': '@oven/bun-windows-x64',
} as const;

/** A platform that an executable can be built for. */
export type Target = keyof typeof PACKAGES;

/** Every platform that an executable can be built for. */
export const TARGETS = Object.keys(PACKAGES) as readonly Target[];

const CACHE = join(ROOT, '.cache/bun');

/** The runtime of this machine, which also builds; undefined where npm has installed none. */
export function installedRuntime(): string | undefined {
  return TARGETS.map((target) => runtimeIn(join(ROOT, 'node_modules', PACKAGES[target]), target)) //
    .find(existsSync);
}

/** The runtime for a platform, fetched with npm if need be and checked against the lockfile. */
export async function runtimeFor(target: Target): Promise<string> {
  const installed = runtimeIn(join(ROOT, 'node_modules', PACKAGES[target]), target);
  if (existsSync(installed)) return installed;
  const { version, integrity } = await locked(PACKAGES[target]);
  const folder = join(CACHE, `${target}-${version}`);
  const runtime = runtimeIn(folder, target);
  if (!existsSync(runtime)) await fetchPackage(`${PACKAGES[target]}@${version}`, integrity, folder);
  return runtime;
}

function runtimeIn(folder: string, target: Target): string {
  return join(folder, 'bin', target.startsWith('windows') ? 'bun.exe' : 'bun');
}

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

async function locked(name: string): Promise<LockedPackage> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined) throw new Error(`package-lock.json does not have ${name}`);
  return entry;
}

async function fetchPackage(spec: string, integrity: string, folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, '.fetch-'));
  try {
    const pack = ['pack', spec, '--pack-destination', work, '--loglevel=error'];
    await succeed('npm', pack);
    const archive = join(work, `${spec.replace('@', '').replace(/[/@]/g, '-')}.tgz`);
    const hash = createHash('sha512').update(await readFile(archive));
    const got = `sha512-${hash.digest('base64')}`;
    if (got !== integrity) throw new Error(`${spec}: ${got}, package-lock.json has ${integrity}`);
    await succeed('tar', ['-xzf', archive, '-C', work]);
    await rename(join(work, 'package'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const code = await runCommand(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}
