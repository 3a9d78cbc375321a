// Twenty signers of one image at the same time, each with a client of its own: none is lost, with a
// referrers API, without one, and in a layout.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { listSignatures, sign } from '@nv2/notary';
import { describeContent, encodeManifest, MEDIA_TYPE } from '@nv2/oci';
import { makeChain, withTempDir } from '@nv2/testkit';
import { skipWithoutPeers } from './peers.ts';
import { type Storage, startStorages } from './storages.ts';

const SIGNERS = 20;
const NAMES = ['go-containerregistry', 'docker-registry', 'nv2 registry', 'OCI layout'];
const skip = await skipWithoutPeers('nv2-peer', 'docker-registry');

describe('twenty signers at the same time', { skip }, () => {
  let storages: readonly Storage[] = [];
  let end: () => void = () => undefined;
  let ended: Promise<void> = Promise.resolve();

  before(async () => {
    await new Promise<void>((started, failed) => {
      ended = withTempDir(async (dir) => {
        storages = await startStorages(dir);
        started();
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        await Promise.all(storages.map((storage) => storage.close()));
      });
      ended.catch(failed);
    });
  });

  after(async () => {
    end();
    await ended;
  });

  for (const [index, name] of NAMES.entries()) {
    test(`lose none in ${name}`, async () => {
      const storage = storages[index];
      assert.equal(storage?.name, name);
      const target = await storage.open('crowd');
      const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
      await target.pushBlob(encodeUtf8('{}'), config);
      const mediaType = MEDIA_TYPE.imageManifest;
      const image = encodeManifest({ kind: 'image', mediaType, config, layers: [config] });
      const subject = describeContent(image, mediaType);
      await target.pushManifest(image, subject, { tag: 'v1' });
      const { chain, leafKey } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
      const signer = localSigner(leafKey, chain);
      const made = await Promise.all(
        Array.from({ length: SIGNERS }, async () => {
          const own = await storage.open('crowd');
          const { signature } = await sign(
            { source: own, version: subject.digest },
            { signer, format: JWS_MEDIA_TYPE },
          );
          return signature.digest;
        }),
      );
      const listed = await listSignatures({ source: target, version: subject.digest });
      const found = listed.signatures.map(({ digest }) => digest).sort();
      assert.deepEqual(found, made.sort());
      assert.equal(new Set(found).size, SIGNERS);
    });
  }
});
