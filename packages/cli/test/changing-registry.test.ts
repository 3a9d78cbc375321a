import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodePem, encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { signTree } from '@nv2/notary';
import {
  type Descriptor,
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  openLayout,
  openRepository,
} from '@nv2/oci';
import {
  type FakeRequest,
  type FakeResponse,
  hostileRegistry,
  makeChain,
  serveFake,
  withTempDir,
} from '@nv2/testkit';
import { programCommand } from './program-command.ts';

const LAYER = encodeUtf8('a layer');

/** A registry with a signed index of a signed image and an unsigned index, each of which is tagged. */
interface Fixture {
  readonly host: string;
  readonly signed: Descriptor;
  readonly image: Descriptor;
  readonly dir: string;
  readonly run: (...args: readonly string[]) => ReturnType<ReturnType<typeof programCommand>>;
  /** Answers in place of the registry from now on. */
  intercept: (request: FakeRequest) => FakeResponse | undefined;
  readonly tags: Map<string, string>;
}

async function withFixture(use: (fixture: Fixture) => Promise<void>): Promise<void> {
  const registry = hostileRegistry({ intercept: (request) => fixture.intercept(request) });
  const server = await serveFake(registry.handler);
  const transport = nodeTransport({});
  const client = createHttpClient({ transport, userAgent: 'test' });
  const repository = openRepository({ registry: server.host, repository: 'app' }, { client });
  const fixture = {
    host: server.host,
    tags: registry.tags,
    intercept: (): FakeResponse | undefined => undefined,
  } as unknown as Fixture & { signed: Descriptor; image: Descriptor; dir: string; run: unknown };
  const push = async (bytes: Uint8Array, mediaType: string, tag?: string): Promise<Descriptor> => {
    const descriptor = describeContent(bytes, mediaType);
    await repository.pushManifest(bytes, descriptor, tag === undefined ? {} : { tag });
    return descriptor;
  };
  const image = async (note: string): Promise<Descriptor> => {
    const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
    const layers = [describeContent(LAYER, 'application/vnd.oci.image.layer.v1.tar')];
    await repository.pushBlob(encodeUtf8('{}'), config);
    await repository.pushBlob(LAYER, layers[0] as Descriptor);
    const mediaType = MEDIA_TYPE.imageManifest;
    const annotations = { note };
    const bytes = encodeManifest({ kind: 'image', mediaType, config, layers, annotations });
    return { ...(await push(bytes, mediaType)), platform: { os: 'linux', architecture: 'amd64' } };
  };
  const index = async (tag: string, manifests: readonly Descriptor[]): Promise<Descriptor> => {
    const mediaType = MEDIA_TYPE.imageIndex;
    return await push(encodeManifest({ kind: 'index', mediaType, manifests }), mediaType, tag);
  };
  try {
    await withTempDir(async (dir) => {
      const made = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
      const root = made.chain.at(-1)?.der ?? new Uint8Array();
      await writeFile(join(dir, 'root.pem'), encodePem('CERTIFICATE', root));
      fixture.image = await image('signed');
      fixture.signed = await index('v1', [fixture.image]);
      await index('evil', [await image('evil')]);
      const signer = localSigner(made.leafKey, made.chain);
      await signTree({ source: repository, version: 'v1' }, { signer, format: JWS_MEDIA_TYPE });
      const nv2 = programCommand('nv2', dir);
      Object.assign(fixture, {
        dir,
        run: (...args: readonly string[]) => nv2({ args, env: {}, stdin: '' }),
      });
      await use(fixture);
    });
  } finally {
    transport.close();
    await server.close();
  }
}

/** The tag names the signed index at first, and the unsigned one ever after. */
function changeAfterFirst(fixture: Fixture): void {
  const evil = fixture.tags.get('app:evil') ?? '';
  let asked = 0;
  fixture.intercept = ({ url }) => {
    if (url.pathname.endsWith('/manifests/v1')) {
      asked += 1;
      if (asked > 1) fixture.tags.set('app:v1', evil);
    }
    return undefined;
  };
}

test('security row 7: a copy is of the digest that was verified, whatever the tag names by then', async () => {
  await withFixture(async (fixture) => {
    changeAfterFirst(fixture);
    const { host, signed, dir, run } = fixture;
    const args = ['copy', '--verify', '--trust', 'root.pem', '--to-oci-layout'];
    const { exitCode, stderr } = await run(...args, `${host}/app:v1`, 'layout:v1');
    assert.equal(exitCode, 0, stderr);
    const layout = await openLayout(join(dir, 'layout'));
    assert.equal((await layout.resolve('v1')).digest, signed.digest);
  });
});

test('security row 7: a platform is chosen from the index that the tag named first, and so is a tree', async () => {
  for (const flags of [['--platform', 'linux/amd64'], ['--recursive']]) {
    await withFixture(async (fixture) => {
      changeAfterFirst(fixture);
      const { host, signed, image, run } = fixture;
      const args = ['verify', '--trust', 'root.pem', '-o', 'json', ...flags];
      const { exitCode, stdout, stderr } = await run(...args, `${host}/app:v1`);
      assert.equal(exitCode, 0, stderr);
      const verdicts = [JSON.parse(stdout)].flat() as { subject: Descriptor }[];
      const expected = flags.length === 1 ? [signed.digest, image.digest] : [image.digest];
      assert.deepEqual(
        verdicts.map(({ subject }) => subject.digest),
        expected,
      );
    });
  }
});

test('security row 7: two policies are compared by one answer of the registry to each question', async () => {
  await withFixture(async (fixture) => {
    changeAfterFirst(fixture);
    const { host, signed, dir, run, intercept } = fixture;
    const asked: string[] = [];
    fixture.intercept = (request) => {
      asked.push(`${request.method} ${request.url.pathname}${request.url.search}`);
      return intercept(request);
    };
    await mkdir(join(dir, 'stores/ca/acme'), { recursive: true });
    await copyFile(join(dir, 'root.pem'), join(dir, 'stores/ca/acme/root.pem'));
    for (const [name, change] of [
      ['old', { maxAge: '30d' }],
      ['new', { maxAge: '30d', metadata: { stage: 'production' } }],
    ] as const) {
      const signers = [{ name: 'acme', stores: ['ca:acme'], identities: [{ any: true }] }];
      const all = { name, scopes: [{ any: true }], level: 'strict', signers, ...change };
      const policy = { version: 'nv2/1', statements: [all] };
      await writeFile(join(dir, `${name}.json`), JSON.stringify(policy));
    }
    const args = ['policy', 'diff', '--trust-dir', 'stores', '-o', 'json', 'old.json', 'new.json'];
    const { exitCode, stdout, stderr } = await run(...args, `${host}/app:v1`);
    assert.equal(exitCode, 1, stderr);
    const [compared] = JSON.parse(stdout) as [Record<string, unknown>];
    assert.equal(compared['artifact'], `${host}/app@${signed.digest}`);
    assert.equal(compared['change'], 'verdict');
    // what the tag names, its signatures, and the manifest of the one that there is
    assert.equal(asked.length, 3, asked.join());
    assert.deepEqual(asked.toSorted(), [...new Set(asked)].toSorted());
  });
});

test('security row 7: a manifest that is another one the second time is not copied', async () => {
  await withFixture(async (fixture) => {
    const { host, image, dir, run } = fixture;
    const other = encodeUtf8(JSON.stringify({ schemaVersion: 2, manifests: [] }));
    fixture.intercept = ({ method, url }) =>
      method === 'GET' && url.pathname.endsWith(`/manifests/${image.digest}`)
        ? { status: 200, headers: { 'content-type': MEDIA_TYPE.imageManifest }, body: other }
        : undefined;
    const copied = await run('copy', '--to-oci-layout', `${host}/app:v1`, 'layout:v1');
    assert.match(copied.stderr, /\[OCI_(?:SIZE|DIGEST)_MISMATCH\]/);
    assert.equal(copied.exitCode, 1);
    assert.deepEqual(await filesIn(join(dir, 'layout')), []);
  });
});

test('security row 1: referrers without end are refused, and the destination keeps its tag', async () => {
  await withFixture(async (fixture) => {
    const { host, run, dir } = fixture;
    let page = 0;
    fixture.intercept = ({ url }) => {
      if (!url.pathname.includes('/referrers/')) return undefined;
      page += 1;
      const link = `<${url.pathname}?page=${page}>; rel="next"`;
      const headers = { 'content-type': MEDIA_TYPE.imageIndex, link };
      const body = JSON.stringify({ schemaVersion: 2, manifests: [] });
      return { status: 200, headers, body };
    };
    const copied = await run('copy', '--to-oci-layout', `${host}/app:v1`, 'layout:v1');
    assert.match(copied.stderr, /\[OCI_REFERRERS_LIMIT\]/);
    assert.equal(copied.exitCode, 3);
    await assert.rejects((await openLayout(join(dir, 'layout'))).resolve('v1'));
    const tree = await run('tree', `${host}/app:v1`);
    assert.match(tree.stderr, /\[OCI_REFERRERS_LIMIT\]/);
  });
});

test('entries that list something else than they name hide no good signature', async () => {
  await withFixture(async (fixture) => {
    const { host, signed, image, run } = fixture;
    const url = `http://${host}/v2/app/referrers/${signed.digest}`;
    const list = (await (await fetch(url)).json()) as { manifests: Record<string, unknown>[] };
    const [good] = list.manifests;
    assert.ok(good);
    const manifests = [
      // an index that is listed as an image
      { ...good, digest: signed.digest, size: signed.size },
      // an image that is no signature
      { ...good, digest: image.digest, size: image.size },
      { ...good, digest: `sha256:${'0'.repeat(64)}`, annotations: 'none' },
      good,
    ];
    fixture.intercept = ({ url: { pathname } }) =>
      pathname.includes('/referrers/')
        ? {
            status: 200,
            headers: { 'content-type': MEDIA_TYPE.imageIndex },
            body: JSON.stringify({ ...list, manifests }),
          }
        : undefined;
    const args = ['verify', '--trust', 'root.pem', '-o', 'json', `${host}/app:v1`];
    const { exitCode, stdout, stderr } = await run(...args);
    assert.equal(exitCode, 0, stderr);
    const [verdict] = [JSON.parse(stdout)].flat() as { outcome: string; signatures: unknown[] }[];
    assert.equal(verdict?.outcome, 'verified');
    assert.equal(verdict.signatures.length, manifests.length);
    manifests.pop();
    const without = await run(...args);
    assert.equal(without.exitCode, 1, without.stderr);
    assert.match(without.stderr, /\[OCI_MEDIA_TYPE_MISMATCH\]/);
  });
});

async function filesIn(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => ((await stat(join(path, name))).isFile() ? [name] : [])),
  );
  return files.flat().filter((name) => !name.startsWith('blobs/'));
}
