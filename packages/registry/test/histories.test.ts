import { test } from 'node:test';
import fc from 'fast-check';
import {
  describe as descriptorOf,
  digestOf,
  Harness,
  IMAGE,
  INDEX,
  imageManifest,
  utf8,
  withScratchDir,
} from './harness.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NAMES = ['a', 'a/b'];
const BLOBS = ['', '{}', 'one', 'two'].map(utf8);

type Step =
  | { readonly kind: 'blob' | 'delete-blob'; readonly name: number; readonly blob: number }
  | {
      readonly kind: 'image';
      readonly name: number;
      readonly blobs: readonly number[];
      readonly subject: number | null;
      readonly tag: number | null;
    }
  | { readonly kind: 'index'; readonly name: number; readonly tag: number | null }
  | { readonly kind: 'delete-tag' | 'delete-manifest'; readonly name: number; readonly at: number }
  | { readonly kind: 'garbage'; readonly removeUntagged: boolean }
  | { readonly kind: 'later' | 'reopen' };

const index = fc.nat({ max: 20 });
const name = fc.nat({ max: NAMES.length - 1 });
const blob = fc.nat({ max: BLOBS.length - 1 });
const tag = fc.option(fc.nat({ max: 3 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('blob' as const), name, blob }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('image' as const),
      name,
      blobs: fc.array(blob, { minLength: 1, maxLength: 3 }),
      subject: fc.option(index),
      tag,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('index' as const), name, tag }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete-blob' as const), name, blob }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('delete-tag' as const, 'delete-manifest' as const),
      name,
      at: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('garbage' as const), removeUntagged: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('later' as const, 'reopen' as const) }),
  },
);

interface ModelManifest {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
}

function read(bytes: Uint8Array): ModelManifest {
  return JSON.parse(new TextDecoder().decode(bytes)) as ModelManifest;
}

type Model = ReturnType<Harness['repository']>;

/** A second, simpler collection of garbage, on the model; everything in it is old. */
function collectModel(model: Model, removeUntagged: boolean): void {
  const kept = removeUntagged ? keptOf(model) : new Set(model.manifests.keys());
  const needed = new Set<string>();
  for (const [digest, bytes] of model.manifests) {
    if (!kept.has(digest)) model.manifests.delete(digest);
    else for (const found of blobsOf(bytes)) needed.add(found);
  }
  for (const digest of model.blobs.keys()) if (!needed.has(digest)) model.blobs.delete(digest);
}

function blobsOf(bytes: Uint8Array): readonly string[] {
  const { config, layers = [], manifests = [] } = read(bytes);
  return [...(config ? [config] : []), ...layers, ...manifests].map((found) => found.digest);
}

/** What tags lead to: rounds over all manifests until nothing is added. */
function keptOf(model: Model): ReadonlySet<string> {
  const kept = new Set(model.tags.values());
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const [digest, bytes] of model.manifests) {
      const { manifests = [], subject } = read(bytes);
      const leadsHere = subject !== undefined && kept.has(subject.digest);
      if (leadsHere) kept.add(digest);
      if (kept.has(digest)) addAll(kept, subject ? [...manifests, subject] : manifests);
    }
  }
  return kept;
}

function addAll(kept: Set<string>, named: readonly { readonly digest: string }[]): void {
  for (const { digest } of named) kept.add(digest);
}

async function remove(
  harness: Harness,
  kind: string,
  place: { name: string; at: number },
): Promise<void> {
  const model = harness.repository(place.name);
  const keys = [...(kind === 'delete-tag' ? model.tags : model.manifests).keys()];
  const key = keys[place.at % Math.max(1, keys.length)];
  if (key === undefined) return;
  await harness.send('DELETE', `/v2/${place.name}/manifests/${key}`);
  if (kind === 'delete-tag') {
    model.tags.delete(key);
    return;
  }
  model.manifests.delete(key);
  for (const [tag, digest] of model.tags) if (digest === key) model.tags.delete(tag);
}

async function apply(harness: Harness, step: Step): Promise<void> {
  const repository = 'name' in step ? (NAMES[step.name] ?? '') : '';
  const model = harness.repository(repository === '' ? 'a' : repository);
  const tagOf = (tag: number | null): string | undefined => (tag === null ? undefined : `t${tag}`);
  switch (step.kind) {
    case 'blob':
      await harness.pushBlob(repository, BLOBS[step.blob] ?? utf8(''));
      return;
    case 'delete-blob': {
      const digest = digestOf(BLOBS[step.blob] ?? utf8(''));
      await harness.send('DELETE', `/v2/${repository}/blobs/${digest}`);
      model.blobs.delete(digest);
      return;
    }
    case 'image': {
      const manifests = [...model.manifests];
      const subject =
        step.subject === null ? undefined : manifests[step.subject % Math.max(1, manifests.length)];
      const rest = subject ? { subject: descriptorOf(subject[1], IMAGE) } : {};
      const blobs = step.blobs.map((at) => BLOBS[at] ?? utf8(''));
      await harness.pushManifest(repository, imageManifest(blobs, rest), tagOf(step.tag));
      return;
    }
    case 'index': {
      const children = [...model.manifests.values()].slice(0, 2);
      const manifests = children.map((bytes) => descriptorOf(bytes, IMAGE));
      const document = { schemaVersion: 2, mediaType: INDEX, manifests };
      await harness.pushManifest(repository, utf8(JSON.stringify(document)), tagOf(step.tag));
      return;
    }
    case 'delete-tag':
    case 'delete-manifest':
      await remove(harness, step.kind, { name: repository, at: step.at });
      return;
    case 'garbage':
      // manifests have the age of their files, which no test can move
      harness.time = Math.max(harness.time, Date.now()) + 2 * DAY_MS;
      await harness.collectGarbage({ removeUntagged: step.removeUntagged });
      for (const found of harness.model.values()) collectModel(found, step.removeUntagged);
      return;
    case 'later':
      harness.time += DAY_MS / 2;
      return;
    case 'reopen':
      await harness.close();
      await harness.open();
  }
}

test('after any history everything that was acknowledged is there, and what was removed is not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await withScratchDir(async (directory) => {
        const harness = new Harness(directory);
        await harness.open();
        for (const next of steps) {
          await apply(harness, next);
          await harness.check();
        }
        await harness.close();
      });
    }),
    { numRuns: 40 },
  );
});
