import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTarGz, makeZip, type ScriptCommand } from '@nv2/testkit';

const LYING_PLUGIN = fileURLToPath(new URL('./lying-plugin.ts', import.meta.url));

const SUCCESS = { stdout: '', stderr: '', exitCode: 0 };

/** What scripts do to have plugins: paths are relative to `dir`, those of installed ones to `config`. */
export function pluginCommands(
  dir: string,
  values: Map<string, string>,
  config = 'config',
): Readonly<Record<string, ScriptCommand>> {
  return {
    // `plugin PATH VERSION`: a plugin that is called as its file, and says so
    plugin: async ({ args: [path = '', version = ''] }) => {
      const target = resolve(dir, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, shellPlugin(basename(path).replace('notation-', ''), version));
      await chmod(target, 0o755);
      return SUCCESS;
    },
    // `lying-plugin NAME VERSION CAPABILITIES`: installs a plugin that does as its settings say
    'lying-plugin': async ({ args: [name = '', version = '', capabilities = ''] }) => {
      const target = resolve(dir, config, `plugins/${name}/notation-${name}`);
      await mkdir(dirname(target), { recursive: true });
      const program = `'${process.execPath}' --conditions=@nv2/source '${LYING_PLUGIN}'`;
      const script = `#!/bin/sh\nexec ${program} '${name}' '${version}' '${capabilities}' "$@"\n`;
      await writeFile(target, script);
      await chmod(target, 0o755);
      return SUCCESS;
    },
    // `pack ARCHIVE NAME=PATH…`: an archive with these files; its checksum becomes {{sha256}}.
    // NAME alone is an empty file, NAME^ an entry that says it has 256 MiB
    pack: async ({ args: [archive = '', ...entries] }) => {
      const parts = await Promise.all(entries.map((entry) => part(dir, entry)));
      const bytes = archive.endsWith('.zip') ? makeZip(parts) : makeTarGz(parts);
      await writeFile(resolve(dir, archive), bytes);
      values.set('sha256', createHash('sha256').update(bytes).digest('hex'));
      return SUCCESS;
    },
  };
}

async function part(
  dir: string,
  entry: string,
): Promise<Parameters<typeof makeZip>[0][number] & Parameters<typeof makeTarGz>[0][number]> {
  const [name = '', path] = entry.replace(/\^$/, '').split('=');
  if (entry.endsWith('^')) {
    const size = 256 * 1024 * 1024;
    return { name, size, central: new Map([[24, size]]) };
  }
  if (path === undefined) return { name };
  const source = resolve(dir, path);
  const { mode } = await stat(source);
  return { name, content: await readFile(source, 'utf8'), mode: 0o100000 | (mode & 0o777) };
}

function shellPlugin(name: string, version: string): string {
  const metadata = {
    name,
    description: `the ${name} of the tests`,
    version,
    url: `https://plugins.example/${name}`,
    supportedContractVersions: ['1.0'],
    capabilities: ['SIGNATURE_VERIFIER.TRUSTED_IDENTITY', 'SIGNATURE_VERIFIER.REVOCATION_CHECK'],
  };
  return `#!/bin/sh\nif [ -n "$NOTATION_PASSWORD" ]; then exit 1; fi\necho '${JSON.stringify(metadata)}'\n`;
}
