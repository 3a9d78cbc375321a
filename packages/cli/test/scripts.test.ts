import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startRegistry } from '@nv2/registry';
import { parseScript, runScriptCase } from '@nv2/testkit';
import { startBadRegistry, startSecuredRegistry } from './bad-registry.ts';
import { fileCommands } from './file-commands.ts';
import { pluginCommands } from './plugin-commands.ts';
import { startPluginServer } from './plugin-server.ts';
import { programCommand } from './program-command.ts';
import { pushCommand } from './push-command.ts';
import { startTimestampServer } from './timestamp-server.ts';

const FOLDER = fileURLToPath(new URL('./scripts/', import.meta.url));

for (const file of readdirSync(FOLDER).sort()) {
  describe(file, () => {
    const values = new Map<string, string>();
    const closing: (() => Promise<void>)[] = [];

    before(async () => {
      const dir = await mkdtemp(join(tmpdir(), 'nv2-script-'));
      const registry = await startRegistry({
        dir: join(dir, 'registry'),
        host: '127.0.0.1',
        port: 0,
      });
      const bad = await startBadRegistry();
      const secured = await startSecuredRegistry();
      const plugins = await startPluginServer(dir);
      const tsa = await startTimestampServer(dir);
      closing.push(
        () => registry.close(),
        () => bad.close(),
        () => secured.close(),
        () => plugins.close(),
        () => tsa.close(),
        () => rm(dir, { recursive: true, force: true }),
      );
      values.set('tsa', `http://${tsa.host}`);
      values.set('escape', '\u001b');
      values.set('dir', dir);
      values.set('config', join(dir, 'config'));
      values.set('registry', `localhost:${registry.url.port}`);
      values.set('loopback', `127.0.0.1:${registry.url.port}`);
      values.set('plugins', `https://${plugins.host}`);
      values.set('bad', `localhost:${bad.port}`);
      values.set('secured', `localhost:${secured.port}`);
    });
    after(async () => {
      for (const close of closing) await close();
    });

    for (const scriptCase of parseScript(readFileSync(join(FOLDER, file), 'utf8'))) {
      test(scriptCase.name, async () => {
        const dir = values.get('dir') ?? '';
        const commands = {
          nv2: programCommand('nv2', dir),
          notation: programCommand('notation', dir),
          push: pushCommand(values, dir),
          ...fileCommands(dir),
          ...pluginCommands(dir, values),
        };
        await runScriptCase(scriptCase, { file, commands, values });
      });
    }
  });
}
