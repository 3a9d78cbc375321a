// Every test that stands beside a foreign program, in one process. Arguments name the files to run.
import { glob } from 'node:fs/promises';
import { runNode } from '../scripts/run-command.ts';

const PATTERNS = [
  'packages/*/test/**/*.interop.test.ts',
  'packages/*/src/**/*.interop.test.ts',
  'interop/**/*.test.ts',
];

async function interopFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of PATTERNS) for await (const file of glob(pattern)) files.push(file);
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
