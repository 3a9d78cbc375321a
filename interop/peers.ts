// The foreign programs that nv2 is compared with: where they are, and installing them on first use.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HARNESS = join(ROOT, 'packages/testkit/peer-go');
const NOTATION_COMMAND = join(ROOT, 'packages/testkit/notation-command');

/** Go programs by module and version; the version is part of the installed path. */
const GO_PROGRAMS = {
  oras: { module: 'oras.land/oras/cmd/oras', version: 'v1.3.6' },
  conformance: {
    module: 'github.com/opencontainers/distribution-spec/conformance',
    version: 'v0.0.0-20260831232431-97274622c111',
  },
  'timestamp-server': {
    module: 'github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server',
    version: 'v2.1.3',
  },
} as const;

/** Programs that Debian has, by the package that holds them. */
const DEBIAN_PROGRAMS = {
  'docker-registry': 'docker-registry',
  openssl: 'openssl',
  chromium: 'chromium',
  htpasswd: 'apache2-utils',
} as const;

/** What is built of packages/testkit/peer-go. */
type HarnessName = 'nv2-peer' | 'notation-peer';

/** A foreign program that the tests know how to find or install. */
export type PeerName =
  | 'notation'
  | HarnessName
  | keyof typeof GO_PROGRAMS
  | keyof typeof DEBIAN_PROGRAMS;

/** Thrown where a peer is neither there nor installable; the message says what to do. */
export class PeerMissingError extends Error {
  override readonly name = 'PeerMissingError';
}

/**
 * The path of a peer's executable, installed first if need be (a line on stderr says so). Installed
 * programs are kept in `.cache/peers` at the repository's root, or in the directory `NV2_PEERS`.
 *
 * @throws PeerMissingError where it cannot be had on this machine.
 */
export async function peer(name: PeerName): Promise<string> {
  if (name === 'nv2-peer') return await harness();
  if (name === 'notation-peer') return join(dirname(await harness()), name);
  if (name === 'notation') return await notationCommand();
  if (isGoProgram(name)) return await goProgram(name);
  return await debianProgram(name);
}

/**
 * The one peer that may be missing with `CI=true` too: Go's module proxy has refused parts of its
 * module (the list of its versions, and so `go install`), and may refuse the rest.
 */
const MAY_BE_MISSING: PeerName = 'notation';

/**
 * The `skip` option of a test that needs `names`: a reason where one of them cannot be had. With
 * `CI=true` only for {@link MAY_BE_MISSING}, so that without any other the test runs and fails with
 * that reason: there nothing else may be left out.
 */
export async function skipWithoutPeers(...names: readonly PeerName[]): Promise<string | false> {
  const isComplete = process.env['CI'] === 'true';
  for (const name of isComplete ? names.filter((one) => one === MAY_BE_MISSING) : names) {
    try {
      await peer(name);
    } catch (error) {
      if (error instanceof PeerMissingError) return error.message;
      throw error;
    }
  }
  return false;
}

function peersDir(): string {
  return process.env['NV2_PEERS'] ?? join(ROOT, '.cache/peers');
}

function onPath(program: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const directory of directories.filter((entry) => entry !== '')) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this directory
    }
  }
  return undefined;
}

function isGoProgram(name: PeerName): name is keyof typeof GO_PROGRAMS {
  return Object.hasOwn(GO_PROGRAMS, name);
}

async function goProgram(name: keyof typeof GO_PROGRAMS): Promise<string> {
  const { module, version } = GO_PROGRAMS[name];
  return await build(name, version, (outputDir) => ({
    args: ['install', '-trimpath', `${module}@${version}`],
    env: { GOBIN: outputDir },
    cwd: outputDir,
  }));
}

/** Our own Go harness; its sources' hash stands for the version, so that a change rebuilds it. */
async function harness(): Promise<string> {
  const files = await readdir(HARNESS, { recursive: true });
  const sources = files.filter((file) => /\.go$|^go\.(mod|sum)$/.test(file)).sort();
  return await goModule('nv2-peer', { directory: HARNESS, sources, packages: './...' });
}

/** The Notary Project's own command; a module of ours says which, and what it is built with. */
async function notationCommand(): Promise<string> {
  return await goModule('notation', {
    directory: NOTATION_COMMAND,
    sources: ['go.mod', 'go.sum'],
    packages: 'github.com/notaryproject/notation/cmd/notation',
  });
}

interface GoModule {
  readonly directory: string;
  /** Files in it whose hash stands for its version. */
  readonly sources: readonly string[];
  readonly packages: string;
}

async function goModule(name: string, { directory, sources, packages }: GoModule): Promise<string> {
  const hash = createHash('sha256');
  for (const file of sources) hash.update(file).update(await readFile(join(directory, file)));
  return await build(name, hash.digest('hex').slice(0, 16), (outputDir) => ({
    args: ['build', '-trimpath', '-o', `${outputDir}/`, packages],
    env: {},
    cwd: directory,
  }));
}

interface GoCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Builds into a directory of its own, then renames: several processes may do so at once. */
async function build(
  name: string,
  version: string,
  command: (outputDir: string) => GoCommand,
): Promise<string> {
  const directory = join(peersDir(), `${name}-${version}`);
  const executable = join(directory, name);
  if (existsSync(executable)) return executable;
  const go = onPath('go');
  if (go === undefined) {
    throw new PeerMissingError(
      `${name} needs Go 1.25 or later to be built, and go is not on the path`,
    );
  }
  await mkdir(peersDir(), { recursive: true });
  const outputDir = await mkdtemp(join(peersDir(), `.${name}-`));
  try {
    note(`building ${name} ${version} (once)`);
    const { args, env, cwd } = command(outputDir);
    await execute(go, args, { env: { ...env, CGO_ENABLED: '0' }, cwd });
    await rename(outputDir, directory).catch((error: unknown) => {
      if (!existsSync(executable)) throw error;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PeerMissingError(`${name} could not be built: ${reason}`, { cause: error });
  } finally {
    await rm(outputDir, { recursive: true, force: true });
  }
  return executable;
}

async function debianProgram(name: keyof typeof DEBIAN_PROGRAMS): Promise<string> {
  const present = onPath(name);
  if (present !== undefined) return present;
  const debianPackage = DEBIAN_PROGRAMS[name];
  const apt = onPath('apt-get');
  if (apt === undefined || process.getuid?.() !== 0) {
    const advice = `install it (Debian package ${debianPackage})`;
    throw new PeerMissingError(`${name} is not on the path: ${advice}`);
  }
  note(`installing the Debian package ${debianPackage}`);
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, cwd: ROOT };
  const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends'];
  try {
    await execute(apt, ['-o', 'DPkg::Lock::Timeout=300', 'update'], options);
    await execute(apt, [...install, debianPackage], options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PeerMissingError(`${name} could not be installed: ${reason}`, { cause: error });
  }
  const installed = onPath(name);
  if (installed === undefined) {
    throw new PeerMissingError(`${name} is not on the path after installing ${debianPackage}`);
  }
  return installed;
}

function note(text: string): void {
  process.stderr.write(`nv2: ${text}\n`);
}

/** Runs an installer to its end; its output is kept for the error only. */
async function execute(
  program: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<void> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${output.trim()}`);
  }
}
