// The one gate for code: format and lint, package rows, types, dead code. Stops at the first failure.
import { runNode } from './run-command.ts';

const STEPS: readonly (readonly [string, readonly string[]])[] = [
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.']],
  ['package rows', ['scripts/check-layers.ts']],
  ['types of the packages', ['node_modules/typescript/bin/tsc', '-b']],
  ['types of the tests', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json']],
  ['dead code', ['node_modules/knip/bin/knip.js']],
];

/** Runs the steps in order; the exit code of the first that fails, or 0. */
async function check(): Promise<number> {
  for (const [name, args] of STEPS) {
    process.stderr.write(`check: ${name}\n`);
    const code = await runNode(args);
    if (code !== 0) {
      process.stderr.write(`check: ${name} failed\n`);
      return code;
    }
  }
  return 0;
}

process.exitCode = await check();
