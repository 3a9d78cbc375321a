import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArtifactSource, CallOptions, Descriptor } from '@nv2/oci';
import { signNow, testImage, testSigner, trusting, verdictOf } from './fixture.ts';

const acme = await testSigner();
const other = await testSigner();

/** A signed image whose list of signatures goes on for ever. */
interface EndlessList {
  readonly source: ArtifactSource;
  /** Known by its digest, an image has its signatures listed while it is resolved. */
  readonly version: string;
  /** Of every list that was begun: when the first of it was taken, and when it was returned. */
  readonly taken: Promise<void>;
  readonly returned: Promise<void>;
  readonly begun: () => number;
}

function occasion(): readonly [came: Promise<void>, tell: () => void] {
  let tell = (): void => undefined;
  const came = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return [came, () => tell()];
}

/** @param beforeNext is done with before any but the first signature is listed */
async function endlessList(
  beforeNext: (options: CallOptions | undefined) => Promise<void> = async () => undefined,
): Promise<EndlessList> {
  const { target, subject } = testImage();
  await signNow(target, acme);
  const [signature] = target.listed.get(subject.digest) ?? [];
  assert.ok(signature);
  const [taken, tellTaken] = occasion();
  const [returned, tellReturned] = occasion();
  let begun = 0;
  async function* referrers(_: unknown, options?: CallOptions): AsyncGenerator<Descriptor> {
    begun += 1;
    try {
      for (let listed = 0; ; listed += 1) {
        if (listed > 0) await beforeNext(options);
        tellTaken();
        yield { ...signature } as Descriptor;
      }
    } finally {
      tellReturned();
    }
  }
  return {
    source: { ...target, referrers },
    version: subject.digest,
    taken,
    returned,
    begun: () => begun,
  };
}

test('an early list is returned once a signature is enough', async () => {
  const { source, version, returned, begun } = await endlessList();
  const verdict = await verdictOf(source, { version, trustStore: trusting(acme) });
  assert.equal(verdict.outcome, 'verified');
  await returned;
  assert.equal(begun(), 1);
});

test('an early list is returned once as many signatures as allowed are invalid', async () => {
  const { source, version, returned, begun } = await endlessList();
  const options = { version, trustStore: trusting(other), maxSignatures: 6 };
  const verdict = await verdictOf(source, options);
  assert.equal(verdict.code, 'NOTARY_SIGNATURE_LIMIT');
  await returned;
  assert.equal(begun(), 1);
});

test('an early list is returned once the source is taken to be out of order', async () => {
  const { source, version, returned, begun } = await endlessList();
  const fetchBlob = (): Promise<never> => Promise.reject(new Error('out of order'));
  const options = { version, trustStore: trusting(acme) };
  const verdict = await verdictOf({ ...source, fetchBlob }, options);
  assert.equal(verdict.outcome, 'unavailable');
  await returned;
  assert.equal(begun(), 1);
});

test('an early list is returned once the caller gives up', async () => {
  const caller = new AbortController();
  const { source, version, returned, begun } = await endlessList(
    (options) =>
      new Promise((_, reject) => {
        const { signal } = options ?? {};
        assert.ok(signal);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        caller.abort();
      }),
  );
  const { signal } = caller;
  const verdict = await verdictOf(source, { version, trustStore: trusting(other), signal });
  assert.equal(verdict.outcome, 'unavailable');
  await returned;
  assert.equal(begun(), 1);
});

test('an early list is returned if the image turns out not to be there', async () => {
  const { source, version, taken, returned, begun } = await endlessList();
  const resolve = async (): Promise<never> => {
    await taken;
    throw new Error('gone');
  };
  const verdict = await verdictOf({ ...source, resolve }, { version, trustStore: trusting(acme) });
  assert.equal(verdict.code, 'NOTARY_RESOLVE_FAILED');
  await returned;
  assert.equal(begun(), 1);
});
