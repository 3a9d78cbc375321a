import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { VERDICT_FORMAT, type VerdictRecord } from '../report/record.ts';
import { Journal } from './journal.ts';
import type { TextHash } from './text-hash.ts';

describe('a journal', () => {
  let path = '';
  before(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'nv2-journal-')), 'journal');
  });
  after(() => rm(join(path, '..'), { recursive: true }));

  const record = (reference: string, time: string): VerdictRecord => ({
    format: VERDICT_FORMAT,
    artifact: reference,
    reference,
    outcome: 'denied',
    judgedAt: time,
    signatures: [],
  });
  const open = (hash?: TextHash): Promise<Journal> =>
    Journal.open(path, {
      policy: 'sha256:00',
      onRestart: () => assert.fail(),
      ...(hash !== undefined && { hash }),
    });

  test('gives the last verdict on each reference, and on no other, whatever the hash', async () => {
    const references = Array.from({ length: 20 }, (_, index) => `r.example/app${index}:v1`);
    const journal = await open();
    for (const time of ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']) {
      await Promise.all(references.map((reference) => journal.append(record(reference, time))));
    }
    await journal.close();
    for (const hash of [undefined, () => 7]) {
      const opened = await open(hash);
      for (const reference of references) {
        const expected = record(reference, '2026-01-02T00:00:00Z');
        assert.deepEqual(await opened.finished(reference), expected);
      }
      assert.equal(await opened.finished('r.example/app:v1'), undefined);
      await opened.close();
    }
  });
});
