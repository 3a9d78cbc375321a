import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseScript, runScriptCase } from '@nv2/testkit';
import { openScriptWorld, type ScriptWorld } from './script-world.ts';

const FOLDER = fileURLToPath(new URL('./scripts/', import.meta.url));

for (const file of readdirSync(FOLDER).sort()) {
  describe(file, () => {
    let world: ScriptWorld | undefined;
    before(async () => {
      world = await openScriptWorld();
    });
    after(() => world?.close());

    for (const scriptCase of parseScript(readFileSync(join(FOLDER, file), 'utf8'))) {
      test(scriptCase.name, async () => {
        assert.ok(world);
        await runScriptCase(scriptCase, { file, ...world });
      });
    }
  });
}
