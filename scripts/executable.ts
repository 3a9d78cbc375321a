import { link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedRuntime, runtimeFor, type Target } from './bun-runtime.ts';
import { foreignDependencies } from './packages.ts';
import { ROOT, runCommand } from './run-command.ts';

/**
 * The two about autoload are a security must: without them an executable runs code that a file in
 * the current directory names. A command is over before compiled code pays: the policy makes code
 * be compiled only once it has run ten times as often as the default asks.
 */
const FLAGS = [
  'build',
  '--compile',
  '--minify',
  '--bytecode',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--format=esm',
  '--splitting',
  '--compile-jit-policy=10',
  '--conditions=@nv2/source',
  '--log-level=warn',
];

/** Builds a program of one file from its sources, for this machine or with flags that name another. */
export async function compileProgram(
  entry: string,
  outfile: string,
  cross: readonly string[] = [],
): Promise<void> {
  const bun = installedRuntime();
  if (bun === undefined) {
    throw new Error('bun is not installed here: it is an optional npm package for this platform');
  }
  const code = await runCommand(bun, [...FLAGS, ...cross, '--outfile', outfile, entry]);
  if (code !== 0) throw new Error(`bun ended with ${code}`);
}

/**
 * Builds the single executable from the sources as they are: `nv2`, and `notation`, which is the
 * same file; beside it the licences of the packages of others that are in it. For this machine into
 * `dist/`, for another platform into `dist/<target>/`.
 *
 * @returns the directory that holds both
 */
export async function buildExecutable(target?: Target): Promise<string> {
  const dist = join(ROOT, 'dist', target ?? '');
  const cross = target === undefined ? [] : await crossFlags(target);
  await mkdir(dist, { recursive: true });
  const work = await mkdtemp(join(dist, '.build-'));
  try {
    const extension = target?.startsWith('windows') ? '.exe' : '';
    const built = join(work, `nv2${extension}`);
    await compileProgram('packages/cli/src/executable.ts', built, cross);
    const other = join(work, `notation${extension}`);
    await link(built, other);
    const licences = join(work, 'THIRD-PARTY-LICENSES');
    await writeFile(licences, await foreignLicences());
    for (const name of [built, other, licences]) await rename(name, name.replace(work, dist));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return dist;
}

async function foreignLicences(): Promise<string> {
  const texts = (await foreignDependencies()).map(async (name) => {
    const text = await readFile(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8');
    return `${name}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join('\n\n');
}

async function crossFlags(target: Target): Promise<readonly string[]> {
  return [`--target=bun-${target}`, `--compile-executable-path=${await runtimeFor(target)}`];
}
