import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Descriptor } from './descriptor.ts';
import { OciError, type OciErrorCode } from './errors.ts';
import {
  assertContent,
  describeContent,
  digestOf,
  readVerified,
  verifiedReader,
} from './verified-reader.ts';

const CONTENT = new TextEncoder().encode('the content');
const DESCRIPTOR = describeContent(CONTENT, 'a/b');
const LIMITS = { maxBytes: 1000 };

async function* stream(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const code =
  (expected: OciErrorCode) =>
  (error: unknown): boolean =>
    error instanceof OciError && error.code === expected;

test('bytes of the right size and digest are given', async () => {
  assert.deepEqual(await readVerified(stream(CONTENT), DESCRIPTOR, LIMITS), CONTENT);
  const parts = stream(CONTENT.subarray(0, 4), new Uint8Array(), CONTENT.subarray(4));
  assert.deepEqual(await readVerified(parts, DESCRIPTOR, LIMITS), CONTENT);
  const empty = describeContent(new Uint8Array(), 'a/b');
  assert.equal((await readVerified(stream(), empty, LIMITS)).length, 0);
});

for (const algorithm of ['sha256', 'sha384', 'sha512'] as const) {
  test(`digests of ${algorithm} are checked`, async () => {
    const descriptor = { ...DESCRIPTOR, digest: digestOf(CONTENT, algorithm) };
    assert.deepEqual(await readVerified(stream(CONTENT), descriptor, LIMITS), CONTENT);
    const other = { ...DESCRIPTOR, digest: digestOf(new Uint8Array(), algorithm) };
    const read = readVerified(stream(CONTENT), other, LIMITS);
    await assert.rejects(read, code('OCI_DIGEST_MISMATCH'));
  });
}

test('security row 3: a declared size above the limit is refused before a byte is read', async () => {
  let reads = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    reads++;
    yield await Promise.resolve(CONTENT);
  }
  const huge = { ...DESCRIPTOR, size: 10_000_000_000 };
  await assert.rejects(readVerified(counted(), huge, LIMITS), code('OCI_CONTENT_TOO_LARGE'));
  assert.equal(reads, 0);
});

test('security row 3: content without end is not read further than its declared size', async () => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      sent += 4;
      yield await Promise.resolve(new Uint8Array(4));
    }
  }
  await assert.rejects(readVerified(endless(), DESCRIPTOR, LIMITS), code('OCI_SIZE_MISMATCH'));
  assert.ok(sent <= DESCRIPTOR.size + 4, String(sent));
});

test('content that is cut, longer or changed is refused', async () => {
  const longer = new Uint8Array([...CONTENT, 0]);
  const changed = CONTENT.map((byte, at) => (at === 3 ? byte ^ 1 : byte));
  const cases = [
    [CONTENT.subarray(1), 'OCI_SIZE_MISMATCH'],
    [new Uint8Array(), 'OCI_SIZE_MISMATCH'],
    [longer, 'OCI_SIZE_MISMATCH'],
    [changed, 'OCI_DIGEST_MISMATCH'],
  ] as const;
  for (const [bytes, expected] of cases) {
    await assert.rejects(readVerified(stream(bytes), DESCRIPTOR, LIMITS), code(expected));
    assert.throws(() => assertContent(bytes, DESCRIPTOR), code(expected));
  }
});

test('a stream never gives its last chunk before the whole is verified', async () => {
  const halves = [CONTENT.subarray(0, 5), CONTENT.subarray(5)] as const;
  const wrong: Descriptor = { ...DESCRIPTOR, digest: digestOf(new Uint8Array()) };
  const given: Uint8Array[] = [];
  await assert.rejects(async () => {
    for await (const chunk of verifiedReader(stream(...halves), wrong)) given.push(chunk);
  }, code('OCI_DIGEST_MISMATCH'));
  assert.deepEqual(given, [halves[0]]);
});

test('the split into chunks changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array(), { maxLength: 8 }), async (chunks) => {
      const whole = new Uint8Array(Buffer.concat(chunks));
      const descriptor = describeContent(whole, 'a/b');
      const read = await readVerified(stream(...chunks), descriptor, { maxBytes: whole.length });
      assert.deepEqual(new Uint8Array(read), whole);
    }),
  );
});
