// `npm run check:packages`: packs every published package and has publint and attw look at it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from './compile.ts';
import { packFolders, publicPackages } from './packages.ts';
import { runNode } from './run-command.ts';

const LINTERS: readonly (readonly string[])[] = [
  ['node_modules/publint/src/cli.js', '--strict'],
  [
    'node_modules/@arethetypeswrong/cli/dist/index.js',
    ...['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji'],
  ],
];

async function checkPackages(): Promise<number> {
  const compiled = await compile();
  if (compiled !== 0) return compiled;
  const dir = await mkdtemp(join(tmpdir(), 'nv2-packages-'));
  try {
    const folders = (await publicPackages()).map(({ folder }) => folder);
    for (const tarball of (await packFolders(folders, dir)).values()) {
      for (const linter of LINTERS) {
        const code = await runNode([...linter, tarball]);
        if (code !== 0) return code;
      }
    }
    return 0;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

process.exitCode = await checkPackages();
