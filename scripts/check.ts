// The one gate for code: format and lint, package rows, types, dead code. Stops at the first failure.
import { compile } from './compile.ts';
import { runNode } from './run-command.ts';

const node =
  (...args: readonly string[]) =>
  (): Promise<number> =>
    runNode(args);

const STEPS: readonly (readonly [name: string, run: () => Promise<number>])[] = [
  ['format and lint', node('node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.')],
  ['package rows', node('scripts/check-layers.ts')],
  ['types of the packages', compile],
  ['types of the tests', node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json')],
  ['dead code', node('node_modules/knip/bin/knip.js')],
];

/** Runs the steps in order; the exit code of the first that fails, or 0. */
async function check(): Promise<number> {
  for (const [name, run] of STEPS) {
    process.stderr.write(`check: ${name}\n`);
    const code = await run();
    if (code !== 0) {
      process.stderr.write(`check: ${name} failed\n`);
      return code;
    }
  }
  return 0;
}

process.exitCode = await check();
