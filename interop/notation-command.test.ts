// The Notary Project's own `notation` and ours under that name: the same command lines, line by line.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FakeServer, parseScript, runScriptCase } from '@nv2/testkit';
import {
  type FakeRegistry,
  startBadRegistry,
  startSecuredRegistry,
} from '../packages/cli/test/bad-registry.ts';
import { startTimestampServer } from '../packages/cli/test/timestamp-server.ts';
import { installedRuntime } from '../scripts/bun-runtime.ts';
import { buildExecutable } from '../scripts/executable.ts';
import { ROOT } from '../scripts/run-command.ts';
import { execute, NOTATION } from './execute.ts';
import type { Tally } from './notation-command/compare.ts';
import { DIFFERENCES } from './notation-command/differences.ts';
import { makeWorld, type World } from './notation-command/world.ts';
import { skipWithoutPeers } from './peers.ts';
import { type Storage, startStorages } from './storages.ts';

const FOLDER = fileURLToPath(new URL('./notation-command/scripts/', import.meta.url));
/** With and without the referrers API. */
const REGISTRIES = ['go-containerregistry', 'docker-registry'];

const skip = await skipWithoutPeers('notation', 'nv2-peer', 'docker-registry');

describe('the command line beside the real notation', { skip }, () => {
  const tally: Tally = { lines: 0, found: [], met: new Set() };
  let work = '';
  let program = '';
  let storages: readonly Storage[] = [];
  let bad: FakeRegistry | undefined;
  let secured: FakeRegistry | undefined;
  let tsa: FakeServer | undefined;

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'nv2-notation-'));
    program = await builtProgram();
    storages = await startStorages(work);
    bad = await startBadRegistry();
    secured = await startSecuredRegistry();
    tsa = await startTimestampServer(work);
  });

  after(async () => {
    for (const server of [...storages, bad, secured, tsa]) await server?.close();
    await rm(work, { recursive: true, force: true });
  });

  for (const file of readdirSync(FOLDER).sort()) {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const name = basename(file, '.txt');
    for (const registry of text.includes('{{repository}}') ? REGISTRIES : ['alone']) {
      describe(`${file}, ${registry}`, () => {
        let world: World | undefined;
        before(async () => {
          const dir = join(work, `${registry}-${name}`);
          const storage = storages.find((one) => one.name === registry);
          const host = storage?.scope('').replace(/^127\.0\.0\.1(:\d+)\/$/, 'localhost$1') ?? '';
          const values = new Map([
            ['registry', host],
            ['repository', `${host}/${name}`],
            ['secured', `localhost:${secured?.port}`],
            ['bad', `localhost:${bad?.port}`],
            ['tsa', `http://${tsa?.host}`],
            ['roots', work],
            ['zeros', '0'.repeat(64)],
            ['layout', join(dir, 'layout')],
          ]);
          world = await makeWorld(dir, { program, values, tally });
        });
        for (const scriptCase of parseScript(text)) {
          test(scriptCase.name, async () => {
            assert.ok(world);
            await runScriptCase(scriptCase, { file, ...world });
            const found = tally.found.splice(0).join('\n');
            assert.ok(found === '', found);
          });
        }
      });
    }
  }

  test('every difference that is listed has been met', () => {
    assert.ok(tally.lines >= 800, `${tally.lines} command lines were compared`);
    const unmet = DIFFERENCES.filter((difference) => !tally.met.has(difference));
    assert.deepEqual(unmet, []);
  });
});

// Hundreds of starts: from sources each would take a second.
async function builtProgram(): Promise<string> {
  if (installedRuntime() !== undefined) return join(await buildExecutable(), 'notation');
  await execute('sh', ['scripts/node.sh', 'scripts/build.ts'], { cwd: ROOT });
  return NOTATION;
}
