import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { inParallel } from './in-parallel.ts';

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('work on many items', () => {
  test('is done once on each, and never on more at a time than the bound', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (scheduler, count, concurrency) => {
          let running = 0;
          let most = 0;
          const work = async (item: number): Promise<number> => {
            running += 1;
            most = Math.max(most, running);
            await scheduler.schedule(Promise.resolve());
            running -= 1;
            return item;
          };
          const items = Array.from({ length: count }, (_, item) => item);
          const results = await scheduler.waitFor(all(inParallel(items, work, { concurrency })));
          assert.deepEqual(
            results.toSorted((a, b) => a - b),
            items,
          );
          assert.equal(most, Math.min(count, concurrency));
        },
      ),
    );
  });

  test('takes no more items than there is room for, while nobody takes the results', async () => {
    let taken = 0;
    function* items(): Generator<number> {
      for (;;) yield taken++;
    }
    for await (const _ of inParallel(items(), async (item) => item, { concurrency: 3 })) {
      await new Promise(setImmediate);
      assert.ok(taken <= 4, `${taken}`);
      if (taken === 4) break;
    }
  });

  test('gives a result as soon as it is there, whatever comes before it in the list', async () => {
    let finish = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const work = async (item: string): Promise<string> => {
      if (item === 'slow') await slow;
      if (item === 'last') finish();
      return item;
    };
    const results = await all(inParallel(['slow', 'quick', 'last'], work, { concurrency: 2 }));
    assert.deepEqual(results, ['quick', 'last', 'slow']);
  });

  test('that fails ends the whole, once what is under way has ended', async () => {
    let ended = 0;
    const work = async (item: number): Promise<void> => {
      if (item === 0) throw new RangeError('no');
      await new Promise(setImmediate);
      ended += 1;
    };
    await assert.rejects(all(inParallel([0, 1, 2, 3, 4], work, { concurrency: 3 })), RangeError);
    assert.ok(ended >= 1 && ended <= 3, `${ended}`);
  });
});
