import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { type ArtifactSource, type Descriptor, describeContent, MEDIA_TYPE } from '@nv2/oci';
import { rememberedSource } from './remembered-source.ts';

const SUBJECT = describeContent(encodeUtf8('subject'), MEDIA_TYPE.imageManifest);
const LISTED: readonly Descriptor[] = ['a', 'b', 'c'].map((text) =>
  describeContent(encodeUtf8(text), MEDIA_TYPE.imageManifest),
);
const SIGNAL = new AbortController().signal;

/** A registry that answers otherwise each time, and what it was asked. */
function fickle(failAt = Number.POSITIVE_INFINITY): {
  readonly source: ArtifactSource;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const answer = (question: string): Promise<Uint8Array> => {
    asked.push(question);
    return Promise.resolve(encodeUtf8(`${asked.length}`));
  };
  const source: ArtifactSource = {
    resolve: async (reference) => {
      await answer(`resolve ${reference}`);
      return { ...SUBJECT, size: asked.length };
    },
    fetchManifest: ({ digest }) => answer(`manifest ${digest}`),
    fetchBlob: ({ digest }, { maxBytes }) => answer(`blob ${digest} ${maxBytes}`),
    async *referrers({ digest }) {
      asked.push(`referrers ${digest}`);
      for (const [index, one] of LISTED.entries()) {
        if (index === failAt) throw new Error('it broke');
        asked.push(`item ${index}`);
        yield one;
      }
    },
  };
  return { source, asked };
}

async function listed(list: AsyncIterable<Descriptor>, most = 10): Promise<readonly string[]> {
  const digests: string[] = [];
  for await (const { digest } of list) {
    digests.push(digest);
    if (digests.length >= most) break;
  }
  return digests;
}

test('a question is asked once, and has one answer for whoever asks it', async () => {
  const { source, asked } = fickle();
  const remembered = rememberedSource(source, SIGNAL);
  assert.deepEqual(await remembered.resolve('v1'), await remembered.resolve('v1'));
  const [one, other] = LISTED;
  assert.ok(one && other);
  assert.equal(await remembered.fetchManifest(one), await remembered.fetchManifest(one));
  const limit = { maxBytes: 10 };
  assert.equal(await remembered.fetchBlob(one, limit), await remembered.fetchBlob(one, limit));
  assert.equal(asked.length, 3);
  // others are others
  await remembered.resolve('v2');
  await remembered.fetchManifest(other);
  await remembered.fetchManifest({ ...one, size: 7 });
  await remembered.fetchBlob(one, { maxBytes: 11 });
  assert.equal(asked.length, 7);
});

test('a list is fetched once, and no further than anybody reads it', async () => {
  const { source, asked } = fickle();
  const remembered = rememberedSource(source, SIGNAL);
  const digests = LISTED.map(({ digest }) => digest);
  assert.deepEqual(await listed(remembered.referrers(SUBJECT), 1), digests.slice(0, 1));
  assert.deepEqual(asked, [`referrers ${SUBJECT.digest}`, 'item 0']);
  assert.deepEqual(await listed(remembered.referrers(SUBJECT)), digests);
  assert.deepEqual(await listed(remembered.referrers(SUBJECT)), digests);
  assert.equal(asked.length, 4);
});

test('a list that breaks off breaks off for everybody, and is never taken for a whole one', async () => {
  const { source } = fickle(1);
  const remembered = rememberedSource(source, SIGNAL);
  for (let reader = 0; reader < 3; reader++) {
    await assert.rejects(listed(remembered.referrers(SUBJECT)), /it broke/);
  }
});
