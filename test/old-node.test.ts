import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { ROOT } from '../scripts/run-command.ts';
import { type Outcome, runProcess, SOURCE_FLAGS } from './run-process.ts';

/** A Node that says it is of an older version, whatever it is asked to run. */
function oldNode(version: string): string {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
  return `#!/bin/sh\n[ "$1" = -e ] && exec '${process.execPath}' -e "${pretend} $2"\nexit 99\n`;
}

interface Machine {
  /** What `node` is; no `node` at all where absent. */
  readonly node?: string;
  /** What `uname -s` and `uname -m` print. */
  readonly system?: string;
  readonly machine?: string;
}

/** Runs a start script of a checkout that has no packages, on a machine of the test's making. */
function runOn(
  { node, system = 'Linux', machine = 'x86_64' }: Machine,
  script: readonly [string, ...string[]],
): Promise<Outcome> {
  return withTempDir(async (dir) => {
    const bin = join(dir, 'path');
    for (const folder of ['bin', 'scripts', 'path']) await mkdir(join(dir, folder));
    for (const file of ['bin/nv2', 'scripts/node.sh', 'package-lock.json'])
      await copyFile(join(ROOT, file), join(dir, file));
    const uname = `#!/bin/sh\ncase $1 in -s) echo ${system} ;; *) echo ${machine} ;; esac\n`;
    const programs = { uname, npm: '#!/bin/sh\nmkdir node_modules\n', ...(node && { node }) };
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(bin, name), text);
      await chmod(join(bin, name), 0o755);
    }
    // the scripts' other tools, without the node that this machine may have beside them
    const tools = ['dirname', 'cksum', 'cat', 'readlink', 'mkdir'];
    const links = tools.map((tool) => `ln -s "$(command -v ${tool})" '${bin}/${tool}'`).join('\n');
    await runProcess('sh', ['-euc', links]);
    return runProcess('/bin/sh', script, { cwd: dir, env: { PATH: bin } });
  });
}

describe('where there is no Node that is new enough', { concurrency: 2 }, () => {
  const missing: readonly (readonly [string, Machine])[] = [
    ['no node', {}],
    ['node 20', { node: oldNode('20.20.2') }],
    ['node 22.12', { node: oldNode('22.12.0') }],
  ];
  for (const [name, machine] of missing) {
    test(`the command line says so in one sentence (${name})`, async () => {
      const { code, output } = await runOn(machine, ['bin/nv2', 'version']);
      assert.equal(code, 1, output);
      assert.match(output, /^nv2: this needs Node\.js 22\.13 or later: run "npm ci" in .*\n$/);
    });

    test(`the npm commands say so in one sentence and install nothing (${name})`, async () => {
      const elsewhere = { ...machine, system: 'Darwin', machine: 'arm64' };
      const { code, output } = await runOn(elsewhere, ['scripts/node.sh', 'scripts/test.ts']);
      assert.equal(code, 1, output);
      assert.match(output, /^nv2: this needs Node\.js 22\.13 or later on the path; .*\n$/);
    });
  }

  test('the npm commands say that the Node they bring was left out of the installation', async () => {
    const { code, output } = await runOn({ node: oldNode('20.20.2') }, ['scripts/node.sh', 'x.ts']);
    assert.equal(code, 1, output);
    assert.match(output, /\nnv2: this needs Node\.js 22\.13 or later: .* was not installed .*\n$/);
  });

  test('the built program says so in one sentence', async () => {
    const entry = join(ROOT, 'packages/cli/src/nv2.ts');
    const program = `
      Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
      await import(${JSON.stringify(entry)});`;
    const { code, output } = await runProcess(process.execPath, [
      ...SOURCE_FLAGS,
      '--input-type=module',
      '--eval',
      program,
    ]);
    assert.equal(code, 3, output);
    assert.equal(output, 'nv2: this needs Node.js 22.13 or later, and runs on 20.20.2\n');
  });
});
