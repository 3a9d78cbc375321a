// The checks, then every test that needs no foreign program, in one process.
// --unit leaves the checks out; further arguments are test files.
import { glob } from 'node:fs/promises';
import { runNode } from './run-command.ts';

const PATTERNS = ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/*.test.ts'];

async function testFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of PATTERNS) for await (const file of glob(pattern)) files.push(file);
  return files.sort();
}

async function test(args: readonly string[]): Promise<number> {
  const named = args.filter((argument) => argument !== '--unit');
  if (named.length === args.length && named.length === 0) {
    const code = await runNode(['scripts/check.ts']);
    if (code !== 0) return code;
  }
  const files = named.length > 0 ? named : await testFiles();
  if (files.length === 0) throw new Error('no test files found');
  return runNode([
    '--test',
    '--test-isolation=none',
    '--test-reporter=./scripts/reporter.ts',
    '--test-reporter-destination=stdout',
    ...files,
  ]);
}

process.exitCode = await test(process.argv.slice(2));
