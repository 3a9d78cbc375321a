import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Place } from './found.ts';
import { ReferenceTable } from './reference-table.ts';

/** Short, so that many are the same; some are longer than the key of a hash. */
const TEXT = fc.oneof(
  fc.string({ maxLength: 2 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('r.example/app:v1', 'r.example/app:v2', `r.example/${'a'.repeat(4200)}:v1`),
  fc.constantFrom(`${'é'.repeat(30_000)}:a`, `${'é'.repeat(30_000)}:b`),
);
const LINE = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const PLACE: fc.Arbitrary<Place> = fc.oneof(
  fc.constant({ source: 'command line' }),
  fc.tuple(fc.constantFrom('a', 'b'), LINE).map(([source, line]) => ({ source, line })),
  fc.tuple(LINE, fc.string()).map(([line, path]) => ({ source: 'a', line, path })),
);

describe('a table of references', () => {
  for (const [name, hash] of [
    ['', undefined],
    [' if all hashes are equal', () => 0xffff_ffff],
    [' if hashes are by length alone', (text: string) => text.length],
  ] as const) {
    test(`holds each once, with its first 16 places, in the order of a map${name}`, () => {
      const found = fc.array(fc.tuple(TEXT, PLACE), { maxLength: 200 });
      fc.assert(
        fc.property(found, (all) => {
          const table = new ReferenceTable(hash);
          const model = new Map<string, Place[]>();
          for (const [reference, place] of all) {
            const known = model.get(reference);
            assert.equal(table.add(reference, place), known === undefined);
            if (known === undefined) model.set(reference, [place]);
            else if (known.length < 16) known.push(place);
          }
          assert.equal(table.size, model.size);
          assert.deepEqual([...table], [...model]);
        }),
      );
    });
  }

  test('holds more than any of its blocks does', () => {
    const table = new ReferenceTable();
    const count = 40_000;
    const reference = (index: number): string => `r.example/app@sha256:${'0'.repeat(59)}${index}`;
    for (let line = 1; line <= count; line++) {
      assert.ok(table.add(reference(line), { source: 'list', line }));
    }
    for (let line = 1; line <= count; line++) {
      assert.ok(!table.add(reference(line), { source: 'again' }));
    }
    let line = 0;
    for (const [text, places] of table) {
      line += 1;
      assert.equal(text, reference(line));
      assert.deepEqual(places, [{ source: 'list', line }, { source: 'again' }]);
    }
    assert.equal(line, count);
  });

  test('takes no text that is too long to be given back', () => {
    assert.throws(
      () => new ReferenceTable().add('x'.repeat(65_536), { source: 'list' }),
      RangeError,
    );
  });
});
