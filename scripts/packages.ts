// The packages that are published, and their tarballs.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './run-command.ts';

/** What is read of a package.json here. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly workspaces?: readonly string[];
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A published package: its folder from the root, and its package.json. */
export interface PublicPackage {
  readonly folder: string;
  readonly json: PackageJson;
}

/** The package.json in a folder of the repository. */
export async function readPackageJson(folder: string): Promise<PackageJson> {
  return JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8')) as PackageJson;
}

/** Every published package, lower rows first. */
export async function publicPackages(): Promise<readonly PublicPackage[]> {
  const { workspaces = [] } = await readPackageJson('.');
  const all = await Promise.all(
    workspaces.map(async (folder) => ({ folder, json: await readPackageJson(folder) })),
  );
  return all.filter(({ json }) => json.private !== true);
}

/** The packages of others that the published ones need. */
export async function foreignDependencies(): Promise<readonly string[]> {
  const packages = await publicPackages();
  const own = new Set(packages.map(({ json }) => json.name));
  const needed = packages.flatMap(({ json }) => Object.keys(json.dependencies ?? {}));
  return [...new Set(needed.filter((name) => !own.has(name)))];
}

/**
 * Packs folders of the repository as npm would publish them; what is compiled has to be there.
 *
 * @returns the tarballs in `destination`, by the name of the package
 */
export async function packFolders(
  folders: readonly string[],
  destination: string,
): Promise<ReadonlyMap<string, string>> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const paths = folders.map((folder) => `./${folder}`);
  const { stdout } = await promisify(execFile)('npm', [...args, ...paths], {
    cwd: ROOT,
    maxBuffer: 16 * 1024 * 1024,
  });
  const packed = JSON.parse(stdout) as readonly { readonly name: string; filename: string }[];
  return new Map(packed.map(({ name, filename }) => [name, join(destination, filename)]));
}
