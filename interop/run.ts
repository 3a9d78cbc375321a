// Every test that stands beside a foreign program, in one process. Arguments name the files to run.
import { glob } from 'node:fs/promises';
import { runNode } from '../scripts/run-command.ts';

async function interopFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob('interop/**/*.test.ts')) files.push(file);
  return files.sort();
}

const named = process.argv.slice(2);
process.exitCode = await runNode([
  '--test',
  '--test-isolation=none',
  '--test-reporter=./scripts/reporter.ts',
  '--test-reporter-destination=stdout',
  ...(named.length > 0 ? named : await interopFiles()),
]);
