import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT } from '../table/commands.ts';
import type { CommandSpec, ProgramName } from '../table/types.ts';
import { childrenOf, findCommand, flagsOf } from './find-command.ts';

function found(line: readonly string[], program: ProgramName = 'notation'): string {
  const { path, rest } = findCommand(ROOT, line, program);
  return [...path.slice(1).map(({ name }) => name), ...rest].join(' ');
}

test('a command is found by its name and its aliases', () => {
  assert.equal(found(['ls', 'x']), 'list x');
  assert.equal(found(['cert', 'ls']), 'certificate list');
  assert.equal(found(['key', 'set', 'name']), 'key update name');
});

test('a flag before a command takes the word after it, as nobody knows the flag yet', () => {
  assert.throws(() => found(['--debug', 'sign', 'x']), {
    message: /^unknown command "x" for "notation"/,
  });
  assert.equal(found(['--debug=true', 'sign', 'x']), 'sign --debug=true x');
  assert.equal(found(['cert', '--help', 'list']), 'certificate --help list');
});

test('an unknown command is refused with suggestions, and by notation not below a parent', () => {
  assert.throws(() => found(['lst']), {
    code: 'CLI_USAGE',
    message:
      'unknown command "lst" for "notation"\n\nDid you mean this?\n\tlist\n\nRun \'notation --help\' for usage.',
  });
  assert.throws(() => found(['qqqqqqq']), {
    message: 'unknown command "qqqqqqq" for "notation"\nRun \'notation --help\' for usage.',
  });
  assert.equal(found(['cert', 'junk']), 'certificate junk');
});

test('under the name nv2 an unknown command is refused at every depth', () => {
  assert.throws(() => found(['policy', 'lnt', 'policy.yaml'], 'nv2'), {
    code: 'CLI_USAGE',
    message: 'unknown command "lnt" for "nv2 policy"\n\nDid you mean this?\n\tfmt\n\tinit\n\tlint',
    hint: 'see "nv2 policy --help"',
  });
  for (const group of ['blob', 'cert', 'completion', 'key', 'plugin', 'policy', 'registry']) {
    assert.throws(() => found([group, 'qqqqqqq'], 'nv2'), { code: 'CLI_USAGE' }, group);
  }
  assert.throws(() => found(['blob', 'policy', 'qqqqqqq'], 'nv2'), { code: 'CLI_USAGE' });
  assert.equal(found(['blob'], 'nv2'), 'blob');
  assert.equal(found(['blob', '--help'], 'nv2'), 'blob --help');
  assert.equal(found(['verify', 'qqqqqqq'], 'nv2'), 'verify qqqqqqq');
});

test('under the name nv2 help can be asked for anywhere', () => {
  assert.equal(found(['policy', '--help', 'show', 'x'], 'nv2'), 'policy show --help x');
  assert.equal(found(['--help', 'verify', 'x'], 'nv2'), 'verify --help x');
  assert.equal(found(['policy', 'help', 'show'], 'nv2'), 'policy help show');
  assert.throws(() => found(['--help', 'qqqqqqq'], 'nv2'), { code: 'CLI_USAGE' });
});

test('commands of nv2 alone are unknown to notation', () => {
  assert.equal(found(['registry', 'serve'], 'nv2'), 'registry serve');
  assert.throws(() => found(['registry', 'serve']), { code: 'CLI_USAGE' });
  assert.equal(found(['policy', 'init']), 'policy init');
});

function everyCommand(command: CommandSpec, program: ProgramName): readonly CommandSpec[] {
  const children = childrenOf(command, program);
  return [command, ...children.flatMap((child) => everyCommand(child, program))];
}

for (const program of ['nv2', 'notation'] as const) {
  test(`no command of ${program} has a flag or a shorthand twice, and every rule names its flags`, () => {
    for (const command of everyCommand(ROOT, program)) {
      const flags = flagsOf(command, program);
      const names = flags.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, command.name);
      const shorthands = flags.flatMap(({ shorthand }) => shorthand ?? []);
      assert.equal(new Set(shorthands).size, shorthands.length, command.name);
      const known = (command.flags ?? []).map(({ name }) => name);
      const ruled = [...(command.together ?? []), ...(command.exclusive ?? [])].flat();
      for (const name of [...ruled, ...(command.required ?? []).map(({ flag }) => flag)]) {
        assert.ok(known.includes(name), `${command.name}: ${name}`);
      }
    }
  });
}
