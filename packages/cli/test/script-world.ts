import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '@nv2/registry';
import type { ScriptCommand } from '@nv2/testkit';
import { archiveCommands, feedCommand } from './archive-commands.ts';
import { startBadRegistry, startSecuredRegistry } from './bad-registry.ts';
import { fileCommands } from './file-commands.ts';
import { pushIndexCommand } from './index-command.ts';
import { pluginCommands } from './plugin-commands.ts';
import { startPluginServer } from './plugin-server.ts';
import { programCommand } from './program-command.ts';
import { pushCommand } from './push-command.ts';
import { startRevocationServer } from './revocation-server.ts';
import { startTimestampServer } from './timestamp-server.ts';
import { userCommand } from './user-command.ts';

/** What a script runs in: an empty directory, servers on loopback, and commands. */
export interface ScriptWorld {
  readonly values: Map<string, string>;
  readonly commands: Readonly<Record<string, ScriptCommand>>;
  readonly close: () => Promise<void>;
}

/** Starts the world of one script. */
export async function openScriptWorld(): Promise<ScriptWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'nv2-script-'));
  const registry = await startRegistry({ dir: join(dir, 'registry'), host: '127.0.0.1', port: 0 });
  const bad = await startBadRegistry();
  const secured = await startSecuredRegistry();
  const plugins = await startPluginServer(dir);
  const tsa = await startTimestampServer(dir);
  const revocation = await startRevocationServer(dir);
  const values = new Map([
    ['tsa', `http://${tsa.host}`],
    ['services', `http://${revocation.host}`],
    ['responder', revocation.host],
    ['escape', '\u001b'],
    ['dir', dir],
    ['config', join(dir, 'config')],
    ['registry', `localhost:${registry.url.port}`],
    ['loopback', `127.0.0.1:${registry.url.port}`],
    ['plugins', `https://${plugins.host}`],
    ['bad', `localhost:${bad.port}`],
    ['secured', `localhost:${secured.port}`],
  ]);
  const commands = {
    nv2: programCommand('nv2', dir),
    notation: programCommand('notation', dir),
    push: pushCommand(values, dir),
    'push-index': pushIndexCommand(values),
    feed: feedCommand(dir),
    services: revocation.command,
    keep: revocation.keep,
    ...fileCommands(dir),
    ...archiveCommands(dir),
    ...pluginCommands(dir, values),
  };
  return {
    values,
    commands: { ...commands, user: userCommand(dir, commands) },
    close: async () => {
      for (const server of [registry, bad, secured, plugins, tsa, revocation]) await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
