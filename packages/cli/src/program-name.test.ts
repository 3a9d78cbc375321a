import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programNamed } from './program-name.ts';

test('the file name alone says which program is called', () => {
  for (const called of ['notation', './notation', '/usr/bin/notation', 'C:\\bin\\notation.exe'])
    assert.equal(programNamed(called), 'notation', called);
  for (const called of ['nv2', '', '/opt/notation/nv2', 'notation-nv2', 'notation/', 'Notation'])
    assert.equal(programNamed(called), 'nv2', called);
});
