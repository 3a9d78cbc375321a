import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS, CHECKS, LEVELS, type LevelName, levelLabel, resolveActions } from './levels.ts';

test('an override replaces the action of its check and of no other', () => {
  for (const level of Object.keys(LEVELS) as LevelName[]) {
    for (const check of CHECKS) {
      for (const action of ACTIONS) {
        const override = new Map([[check, action]]);
        const actions = resolveActions({ level, override, verifyTimestamp: 'always' });
        assert.deepEqual(actions, { ...LEVELS[level], [check]: action });
      }
    }
  }
});

test('a level with an override is called custom', () => {
  const verifyTimestamp = 'always';
  assert.equal(levelLabel({ level: 'audit', override: new Map(), verifyTimestamp }), 'audit');
  const override = new Map([['expiry', 'log']] as const);
  assert.equal(levelLabel({ level: 'audit', override, verifyTimestamp }), 'custom');
});
