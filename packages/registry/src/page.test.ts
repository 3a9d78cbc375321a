import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pageOf } from './page.ts';

async function* each(names: readonly string[]): AsyncGenerator<string> {
  yield* names;
}

test('a page is what sorting and cutting the whole list gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 40 }),
      fc.string({ maxLength: 3 }),
      fc.nat({ max: 10 }),
      async (names, after, limit) => {
        const sorted = names.filter((name) => name > after).sort();
        const page = await pageOf(each(names), { after, limit });
        assert.deepEqual(page.names, sorted.slice(0, limit));
        assert.equal(page.more, sorted.length > limit);
      },
    ),
  );
});
