import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { EnvelopeError, parsePayload } from '../src/index.ts';

const DIGEST = `sha256:${'7'.repeat(64)}`;

function payload(members: string): Uint8Array {
  return encodeUtf8(`{"targetArtifact":{"mediaType":"a/b","digest":"${DIGEST}",${members}}}`);
}

test('a payload whose numbers or types other readers refuse is refused', () => {
  const refused = [
    '"size":1.0',
    '"size":1e3',
    '"size":-0.0',
    '"size":"1"',
    '"size":1,"urls":5',
    '"size":1,"urls":[5]',
    '"size":1,"data":"!!"',
    '"size":1,"platform":"x"',
    '"size":1,"artifactType":5',
    '"size":1,"Urls":[]',
  ];
  for (const members of refused) {
    assert.throws(
      () => parsePayload(payload(members)),
      (error) => error instanceof EnvelopeError && error.code === 'ENVELOPE_PAYLOAD_INVALID',
      members,
    );
  }
});

test('members of a descriptor that are of their type, or unknown, do not matter', () => {
  const members =
    '"size":1,"urls":["https://a"],"data":"AAEC","platform":{"os":"linux"},"artifactType":"a/b","own":{}';
  assert.deepEqual(parsePayload(payload(members)).targetArtifact, {
    mediaType: 'a/b',
    digest: DIGEST,
    size: 1,
  });
});
