import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { VERDICT_FORMAT, type VerdictRecord } from '../report/record.ts';
import { Journal } from './journal.ts';
import type { TextHash } from './text-hash.ts';

const TIME = '2026-01-01T00:00:00Z';

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

  /** What the journal says of one reference after the text was made of what it had. */
  async function changed(
    name: string,
    change: (text: string) => string,
  ): Promise<VerdictRecord | undefined> {
    path = join(path, '..', name);
    const begun = await open();
    for (const app of ['a', 'b']) await begun.append(record(`r.example/${app}:v1`, TIME));
    await begun.close();
    await writeFile(path, change(await readFile(path, 'utf8')));
    const journal = await open();
    const found = await journal.finished('r.example/b:v1');
    await journal.append(record('r.example/c:v1', TIME));
    await journal.close();
    const again = await open();
    assert.deepEqual(
      await again.finished('r.example/c:v1'),
      record('r.example/c:v1', TIME),
      'what was added is found',
    );
    await again.close();
    return found;
  }

  test('is read whatever an editor ends its lines with', async () => {
    const found = await changed('edited', (text) => text.replaceAll('\n', '\r\n'));
    assert.deepEqual(found, record('r.example/b:v1', TIME));
  });

  test('holds no verdict of which a part is missing', async () => {
    for (const field of ['artifact', 'judgedAt', 'signatures']) {
      const without = (text: string): string => text.replaceAll(`"${field}":`, '"other":');
      assert.equal(await changed(`without-${field}`, without), undefined, field);
    }
  });

  test('that was put together with one of another policy is none', async () => {
    const twice = await changed('twice', (text) => text + text);
    assert.deepEqual(twice, record('r.example/b:v1', TIME));
    const header = (await readFile(path, 'utf8')).split('\n', 1)[0] ?? '';
    await appendFile(path, `${header.replace('sha256:00', 'sha256:01')}\n`);
    await assert.rejects(open(), { code: 'CLI_JOURNAL_INVALID' });
  });
});
