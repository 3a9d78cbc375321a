// Signatures judged by nv2 and by notation-go, with the same services around them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withTempDir } from '@nv2/testkit';
import { skipWithoutPeers } from '../../peers.ts';
import { verdictCases } from './covering.ts';
import { type Compared, DIFFERENCES, explain } from './differences.ts';
import { describeCase, type VerdictCase } from './dimensions.ts';
import { askNv2, askReference, type Finding } from './judges.ts';
import { type Question, questionOf } from './question.ts';
import { summaryOf } from './summary.ts';
import { makeWorld } from './world.ts';

const DOCUMENT = fileURLToPath(new URL('../../../docs/notation.md', import.meta.url));

const skip = await skipWithoutPeers('nv2-peer', 'openssl', 'timestamp-server');

/** What both sides find, in the order of the cases. */
async function compare(cases: readonly VerdictCase[]): Promise<readonly Compared[]> {
  return await withTempDir(async (dir) => {
    const world = await makeWorld(dir);
    try {
      const questions: Question[] = [];
      for (const one of cases) questions.push(await questionOf(one, world));
      const nv2 = await askNv2(questions, { world, crlCache: join(dir, 'nv2') });
      const reference = await askReference(questions, { world, crlCache: join(dir, 'notation') });
      return cases.map((_, i) => ({ nv2: at(nv2, i), reference: at(reference, i) }));
    } finally {
      await world.stop();
    }
  });
}

function at(findings: readonly Finding[], index: number): Finding {
  const finding = findings[index];
  assert.ok(finding !== undefined, `no finding about case ${index}`);
  return finding;
}

describe('signatures under nv2 and notation-go', { skip }, () => {
  test('each has the same verdict and the same failed checks, but where the difference is listed', async () => {
    const cases = verdictCases();
    const found = await compare(cases);
    const explained = cases.map((one, i) => explain(one, found[i] as Compared));
    const unlisted = cases.flatMap((one, i) =>
      explained[i] === undefined ? [{ case: describeCase(one), ...found[i] }] : [],
    );
    assert.deepEqual(unlisted, []);
    const used = new Set(explained.flatMap((differences) => differences ?? []));
    const stale = DIFFERENCES.filter((entry) => !used.has(entry));
    assert.deepEqual(stale, [], 'differences that there are no more');
    process.stdout.write(summaryOf({ cases, found, explained }));
  });

  test('each difference is in the document that lists them', async () => {
    const lines = (await readFile(DOCUMENT, 'utf8')).split('\n');
    const missing = DIFFERENCES.filter(
      ({ documented }) => !lines.some((line) => line.startsWith(documented)),
    );
    assert.deepEqual(missing, []);
  });
});
