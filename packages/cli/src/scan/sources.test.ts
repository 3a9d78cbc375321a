import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { composeImages } from './compose-images.ts';
import type { Found } from './found.ts';
import { expandImageName } from './image-name.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import { readLines } from './lines.ts';
import { readYamlStream } from './yaml-stream.ts';

async function* chunksOf(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Line and text of what was found; `!` for what could not be read. */
function brief(found: readonly Found[]): readonly string[] {
  return found.map(({ place, text, error }) => `${place.line} ${error ? '!' : text}`);
}

async function compose(text: string): Promise<readonly string[]> {
  return brief(await all(readYamlStream(chunksOf(text, 4096), 'file', composeImages)));
}

async function kubernetes(text: string): Promise<readonly string[]> {
  const found = readYamlStream(chunksOf(text, 4096), 'file', kubernetesImages);
  return brief(await all(found));
}

test('a document that begins without a marker is not passed over', async () => {
  const pod = (image: string) => `kind: Pod\ncontainers: [{image: ${image}}]\n`;
  assert.deepEqual(await kubernetes(`${pod('a.b/c:1')}...\n${pod('a.b/d:1')}`), ['4 !']);
  const ended = `${pod('a.b/c:1')}...\n---\n${pod('a.b/d:1')}...\n`;
  assert.deepEqual(await kubernetes(ended), ['2 a.b/c:1', '6 a.b/d:1']);
});

test('a template that was not rendered is told so', async () => {
  for (const [line, hint] of [
    ['image: {{ .Values.image }}', /^this looks like a template/],
    ['{{- if .Values.image }}', /^this looks like a template/],
    ['[image]: a.b/c:1', /^correct it/],
  ] as const) {
    const text = `kind: Pod\ncontainers:\n  - name: a\n    ${line}\n`;
    const [found] = await all(readYamlStream(chunksOf(text, 4096), 'file', kubernetesImages));
    assert.match(found?.error?.hint ?? '', hint, line);
  }
});

test('JSON documents that follow one another are each looked at', async () => {
  const name = fc.string({
    unit: fc.constantFrom('a', '{', '}', '[', ']', '"', '\\', '#', '\n', "'"),
  });
  const indent = fc.constantFrom(undefined, '  ', '\t');
  const blank = fc.constantFrom('\n', '\n\n', ' \n\t', '\r\n', '\n# {\n', '\n---\n');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, indent, blank)), async (parts) => {
      const documents = parts.map(([text, space, after], index) => {
        const spec = { note: text, containers: [{ name: text, image: `a.b/c:${index}` }] };
        return JSON.stringify({ kind: 'Pod', [text]: [text], spec }, null, space) + after;
      });
      const found = await kubernetes(documents.join(''));
      assert.deepEqual(
        found.map((one) => one.replace(/^\d+ /, '')),
        parts.map((_, index) => `a.b/c:${index}`),
      );
    }),
  );
});

test('a byte order mark before the first document is no part of it', async () => {
  const pod = (image: string) => `{"kind": "Pod", "spec": {"containers": [{"image": "${image}"}]}}`;
  const json = `\uFEFF${pod('a.b/c:1')}\n${pod('a.b/d:1')}\n`;
  assert.deepEqual(await kubernetes(json), ['1 a.b/c:1', '2 a.b/d:1']);
  assert.deepEqual(await kubernetes(`\uFEFF%YAML 1.2\n---\n${pod('a.b/c:1')}`), ['3 a.b/c:1']);
  const within = ['1 a.b/c:1', '3 !', '4 a.b/d:1'];
  assert.deepEqual(await kubernetes(`${json.slice(1)}${json}`), within);
});

test('what is no document between JSON documents is told, and stops no other', async () => {
  const pod = (image: string) => `{"kind": "Pod", "spec": {"containers": [{"image": "${image}"}]}}`;
  const [first, second] = [pod('a.b/c:1'), pod('a.b/d:1')];
  for (const rubbish of [
    'rubbish',
    '}',
    ']',
    '"',
    '"text"',
    ', ',
    ': x',
    '%x',
    '- x',
    '&a',
    '[]',
    '{',
    '{]',
  ])
    assert.ok(
      (await kubernetes(`${first}\n${rubbish}\n${second}`)).some((one) => one.endsWith('!')),
      rubbish,
    );
  assert.deepEqual(await kubernetes(`${first}\nx\n${second}\n`), ['2 !', '3 a.b/d:1']);
  assert.deepEqual(await kubernetes(`${first}\n${second} x\n`), ['1 a.b/c:1', '2 !']);
  assert.deepEqual(await kubernetes(`${first}${second}`), ['1 !']);
  for (const between of ['', ' ', ' \n---\n{} ']) {
    const [found] = (
      await all(readYamlStream(chunksOf(`${first}${between}${second}`), 'file', kubernetesImages))
    ).slice(-1);
    assert.match(found?.error?.message ?? '', /object begins here after another/, between);
  }
  assert.deepEqual(await kubernetes(`${first}\n{"spec": {}}`), ['1 a.b/c:1', '2 !']);
  assert.deepEqual(await kubernetes(`${first}\n{"kind": "Pod", "kind": "Job"}`), [
    '1 a.b/c:1',
    '2 !',
  ]);
  // each is small enough, all together are not
  const large = `{"kind": "Pod", "note": "${'x'.repeat(5 * 1024 * 1024)}"}`;
  assert.deepEqual(await kubernetes(`${large}\n${large}\n${first}`), ['3 a.b/c:1']);
});

test('what a Compose file takes from elsewhere is not passed over', async () => {
  const other = 'services:\n  a: {image: a.b/c:1}\n';
  const found = '2 a.b/c:1';
  assert.deepEqual(await compose(`${other}  b: {build: .}\n`), [found]);
  for (const service of ['f: {extends: {service: a}}', 'h: {}', 'i: {Image: x}', 'j: [x]', 'k:'])
    assert.deepEqual(await compose(`${other}  ${service}\n`), [found, '3 !'], service);
  for (const image of ['1.10', 'null', '[a.b/c:1]', '{name: a.b/c:1}', 'true'])
    assert.deepEqual(await compose(`${other}  f: {image: ${image}}\n`), [found, '3 !'], image);
  assert.deepEqual(await compose(`${other}include: [x.yaml]\n`), ['3 !', found]);
  const merged = 'x: &s\n  bad: {image: a.b/d:1}\nservices:\n  <<: *s\n  a: {image: a.b/c:1}\n';
  assert.deepEqual(await compose(merged), ['4 !', '5 a.b/c:1']);
});

test('what a service of a Compose file mounts or runs first is looked at', async () => {
  const service = (fields: string): string => `services:\n  a:\n    ${fields}\n`;
  const mount = '{type: image, source: a.b/d:1, target: /x}';
  for (const own of ['image: a.b/c:1', 'build: .']) {
    const found = own.startsWith('image') ? ['3 a.b/c:1'] : [];
    for (const [fields, more] of [
      [`volumes: [${mount}]`, ['4 a.b/d:1']],
      [`volumes: ["x:/x", {type: bind, source: x, target: /x}, ${mount}]`, ['4 a.b/d:1']],
      ['volumes: [{<<: {type: image, source: a.b/d:1}, target: /x}]', ['4 a.b/d:1']],
      ['volumes: [{type: image, source: "$X"}]', ['4 !']],
      ['volumes: [{type: image}]', ['4 !']],
      ['volumes: [{type: "$X", source: a.b/d:1}]', ['4 !']],
      ['volumes: [{source: a.b/d:1}]', ['4 !']],
      ['volumes: [[x]]', ['4 !']],
      [`volumes: ${mount}`, ['4 !']],
      ['volumes:', []],
      ['pre_start: [{image: a.b/d:1, command: x}, {command: x}]', ['4 a.b/d:1']],
      [`pre_start: [{volumes: [${mount}]}]`, ['4 a.b/d:1']],
      ['pre_start: [x]', ['4 !']],
      ['extends: {service: b, file: other.yaml}', ['4 !']],
      ['extends: [b]', ['4 !']],
      ['extends: {service: a}', []],
      ['extends: a', []],
    ] as const) {
      const text = service(`${own}\n    ${fields}`);
      assert.deepEqual([...(await compose(text))].sort(), [...found, ...more].sort(), text);
    }
  }
});

test('what is merged into the services of a Compose file is told', async () => {
  const services = '{a: {image: a.b/c:1}, <<: {build: {image: a.b/d:1}}}';
  assert.deepEqual(await compose(`services: ${services}`), ['1 a.b/c:1', '1 !']);
  const build = await compose('services: {a: {build: .}, build: {image: a.b/d:1}}');
  assert.deepEqual(build, ['1 a.b/d:1']);
});

describe('what readers of YAML may take for something else', () => {
  const pod = (container: string): string =>
    `x: {y: &x image, z: &z containers}\nkind: Pod\nspec:\n  containers:\n  - ${container}\n`;

  test('is a field beside a merge that comes after it', async () => {
    for (const merge of ['{image: a.b/d:1}', '[{}, {image: a.b/d:1}]', '{<<: {image: a.b/d:1}}']) {
      assert.deepEqual(await kubernetes(pod(`{image: a.b/c:1, <<: ${merge}}`)), ['5 !'], merge);
      const own = await kubernetes(pod(`{<<: ${merge}, image: a.b/c:1}`));
      assert.deepEqual(own, ['5 a.b/c:1'], merge);
      const service = `services:\n  a: {image: a.b/c:1, <<: ${merge}}\n`;
      assert.deepEqual(await compose(service), ['2 !'], merge);
    }
    const two = '{image: a.b/c:1, <<: {image: a.b/d:1}, <<: {}}';
    assert.deepEqual(await kubernetes(pod(two)), ['5 !']);
    assert.deepEqual(await kubernetes(pod('{image: a.b/c:1, <<: {name: c}}')), ['5 a.b/c:1']);
    // within quotes it is a field as any other
    const quoted = '{image: a.b/c:1, "<<": {image: a.b/d:1}}';
    assert.deepEqual(await kubernetes(pod(quoted)), ['5 a.b/c:1']);
    const older = `%YAML 1.1\n---\n${pod('{<<: {image: a.b/d:1}}')}`;
    assert.deepEqual(await kubernetes(older), ['7 a.b/d:1']);
  });

  test('is a key that is no plain text', async () => {
    for (const key of ['*x ', '!!binary aW1hZ2U=', '!!str image', '!x image', '[image]']) {
      assert.deepEqual(await kubernetes(pod(`${key}: a.b/c:1`)), ['5 !'], key);
      const service = `x-a: &x image\nservices:\n  a:\n    build: .\n    ${key}: a.b/c:1\n`;
      assert.deepEqual(await compose(service), ['5 !'], key);
    }
    const list = 'x: &z containers\nkind: Rollout\nspec: {*z : [{image: a.b/c:1}]}\n';
    assert.deepEqual(await kubernetes(list), ['3 !']);
    const services = 'x-s: &s services\nservices: {}\n*s : {a: {image: a.b/c:1}}\n';
    assert.deepEqual(await compose(services), ['3 !']);
    assert.deepEqual(await kubernetes(pod('{&y image: a.b/c:1, 1: x, "a": *y}')), ['5 a.b/c:1']);
  });

  test('is a map or list with a tag that makes it something else', async () => {
    for (const tag of ['!!omap', '!!pairs']) {
      const text = `kind: Rollout\nspec:\n  containers: ${tag} [image: a.b/c:1]\n`;
      assert.deepEqual(await kubernetes(text), ['3 !'], tag);
    }
    const plain = 'kind: Rollout\nspec: {containers: !!seq [!!map {image: a.b/c:1}]}\n';
    assert.deepEqual(await kubernetes(plain), ['2 a.b/c:1']);
    assert.deepEqual(await compose('services: !!set {a}\n'), ['1 !']);
  });

  test('is the end of a line, or a mark that is skipped', async () => {
    for (const end of ['\r', '\u0085', '\u2028', '\u2029', '\n\uFEFF']) {
      const text = `kind: Pod\nspec: {containers: []}\n# note${end}include: [{image: a.b/c:1}]\n`;
      const line = end.startsWith('\n') ? '4 !' : '3 !';
      assert.deepEqual(await kubernetes(text), [line], JSON.stringify(end));
      assert.deepEqual(await kubernetes(`${pod('image: a.b/c:1')}---\n${text}`), [
        '5 a.b/c:1',
        `${Number(line[0]) + 6} !`,
      ]);
    }
    // all of it is one line, which begins as a comment
    assert.deepEqual(await kubernetes('# note\rkind: Pod\rcontainers: [{image: a.b/c:1}]'), [
      '1 !',
    ]);
    const data = JSON.stringify({ kind: 'ConfigMap', data: { a: '\uFEFFtext' } });
    assert.deepEqual(await kubernetes(data), []);
    assert.deepEqual(await kubernetes(pod('image: a.b/c:1').replaceAll('\n', '\r\n')), [
      '5 a.b/c:1',
    ]);
  });

  test('is an alias of nothing before it', async () => {
    assert.deepEqual(await kubernetes(pod('image: *none')), ['5 !']);
    assert.deepEqual(await kubernetes(pod('{image: *late, name: &late a.b/c:1}')), ['5 !']);
    assert.deepEqual(await compose('services:\n  a: {build: ., image: *none}\n'), ['2 !']);
  });
});

describe('lines', () => {
  test('are those of the text, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-z\u00e4]{0,9}$/)),
        fc.integer({ min: 1, max: 9 }),
        async (lines, size) => {
          const text = lines.map((line) => `${line}\n`).join('');
          const read = await all(readLines(chunksOf(text, size), { maxLineBytes: 100 }));
          assert.deepEqual(
            read.map(({ bytes }) => Buffer.from(bytes ?? []).toString()),
            lines,
          );
          assert.deepEqual(
            read.map(({ number }) => number),
            lines.map((_, index) => index + 1),
          );
          assert.ok(read.every(({ isEnded }) => isEnded));
          assert.equal(
            read.reduce((sum, { taken }) => sum + taken, 0),
            Buffer.byteLength(text),
          );
        },
      ),
    );
  });
});

describe('a manifest', () => {
  test('is searched document by document, and one that cannot be read stops no other', async () => {
    const pod = (image: string): string => `kind: Pod\nspec: {containers: [{image: "${image}"}]}\n`;
    const text = `%YAML 1.2\n---\n${pod('a/b:1')}---\n[[[\n--- # three\n${pod('c/d:1')}...\n---\nkind: Pod\nspec: |\n  containers:\n  - image: text`;
    assert.deepEqual(await kubernetes(text), [
      '4 docker.io/a/b:1',
      '7 !',
      '9 docker.io/c/d:1',
      '13 !',
    ]);
  });

  test('that nests without end, is too large or repeats itself is one bad document', async () => {
    const bombs = [
      `kind: Pod\nspec: ${'['.repeat(20_000)}`,
      `kind: List\nitems: &a [*a]`,
      `kind: List\na: &a [1,1,1,1,1,1,1,1,1]\n${Array.from('bcdefghij', (name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(9)}]`).join('\n')}`,
      `kind: List\na: &a 1\nb: &a 2`,
      `kind: Pod\ntext: "${'x'.repeat(9 * 1024 * 1024)}"`,
    ];
    for (const text of bombs) {
      const found = await kubernetes(`${text}\n---\nkind: Pod\ncontainers: [{image: a.b/c:1}]`);
      assert.equal(found.length, 2, text.slice(0, 40));
      assert.match(found[0] ?? '', /!$/);
      assert.match(found[1] ?? '', / a\.b\/c:1$/);
    }
  });

  test('gives containers of custom resources, and what merges have', async () => {
    const text = `kind: Task
base: &base {image: a.b/base:1}
spec:
  steps: [{<<: *base}, {<<: [*base], image: a.b/own:1}]
  stepTemplate: {image: a.b/template:1}
  templates: [{container: {image: a.b/argo:1}}, {script: {image: a.b/script:1}}]
  containers: {image: not-a-list}
  volumes: [{image: {reference: a.b/volume:1}}, {emptyDir: {}}]
  sidecars: [{image: [a]}, {image: }, {name: none}]
`;
    assert.deepEqual(await kubernetes(text), [
      '2 a.b/base:1',
      '4 a.b/own:1',
      '5 a.b/template:1',
      '6 a.b/argo:1',
      '6 a.b/script:1',
      '8 a.b/volume:1',
      '9 !',
      '9 !',
    ]);
  });

  test('of a kind of Kubernetes that hides its images is unreadable at that place', async () => {
    const kinds: readonly (readonly [string, string, string])[] = [
      ['Pod', 'v1', 'spec: '],
      ['PodTemplate', 'v1', 'template: {spec: '],
      ['ReplicationController', 'v1', 'spec: {template: {spec: '],
      ['Deployment', 'apps/v1', 'spec: {template: {spec: '],
      ['DaemonSet', 'extensions/v1beta1', 'spec: {template: {spec: '],
      ['StatefulSet', 'apps/v1', 'spec: {template: {spec: '],
      ['ReplicaSet', 'apps/v1', 'spec: {template: {spec: '],
      ['Job', 'batch/v1', 'spec: {template: {spec: '],
      ['CronJob', 'batch/v1', 'spec: {jobTemplate: {spec: {template: {spec: '],
    ];
    const hidden = [
      '{containers: {a: {image: a.b/c:1}}}',
      '{containers: [a.b/c:1]}',
      '{containers: [{image: {name: a.b/c:1}}]}',
      '{containers: [{image: 1}]}',
      '{initContainers: {image: a.b/c:1}}',
      '{ephemeralContainers: [[{image: a.b/c:1}]]}',
      '{volumes: {image: a.b/c:1}}',
      '{volumes: [a.b/c:1]}',
      '{volumes: [{image: a.b/c:1}]}',
      '{volumes: [{image: {reference: {name: a.b/c:1}}}]}',
      '"containers: [{image: a.b/c:1}]"',
    ];
    for (const [kind, version, path] of kinds) {
      for (const spec of hidden) {
        const body = `${path}${spec}${'}'.repeat((path.match(/\{/g) ?? []).length)}`;
        const text = `kind: ${kind}\napiVersion: ${version}\n${body}\n`;
        assert.deepEqual(await kubernetes(text), ['3 !'], text);
        const item = `{kind: ${kind}, apiVersion: ${version}, ${body}}`;
        assert.deepEqual(await kubernetes(`kind: List\nitems: [${item}]`), ['2 !'], item);
        assert.deepEqual(await kubernetes(`kind: ${kind}List\nitems: [{${body}}]`), ['2 !'], body);
        // other APIs may mean something else by the same names
        const other = text.replace(`apiVersion: `, 'apiVersion: example.com/');
        const isToldAnyhow = spec.includes('image: 1}');
        assert.deepEqual(await kubernetes(other), isToldAnyhow ? ['3 !'] : [], other);
      }
    }
    const spec = 'spec: {containers: {a: {image: a.b/c:1}}}';
    for (const kind of ['', '""', 'null', '[Pod]', '1']) {
      const item = `{kind: ${kind}, ${spec}}`;
      assert.deepEqual(await kubernetes(`kind: PodList\nitems: [${item}]`), ['2 !'], item);
      assert.deepEqual(await kubernetes(item), ['1 !'], item);
    }
    const merged = 'kind: Pod\nbase: &base\n  containers: {image: a.b/c:1}\nspec: {<<: *base}';
    assert.deepEqual(await kubernetes(merged), ['3 !']);
    assert.deepEqual(await kubernetes('kind: List\nitems: {a: {kind: Pod}}'), ['2 !']);
    assert.deepEqual(await kubernetes('kind: List\nitems: [Pod]'), ['2 !']);
  });

  test('of a kind of Kubernetes may leave out what it lists, and name anything else alike', async () => {
    const text = `kind: Pod
metadata: {annotations: {containers: all, image: none}, ownerReferences: [{kind: Job}]}
spec:
  containers:
  initContainers: []
  volumes: [{emptyDir: {}}, {image: }, {csi: {volumeAttributes: {containers: x}}}]
---
kind: Deployment
spec: {replicas: 3}
---
kind: PodList
items:
`;
    assert.deepEqual(await kubernetes(text), []);
  });

  test('whatever it is never ends the scan', async () => {
    const part = fc.constantFrom(
      'kind: ',
      'image: ',
      '- ',
      '\n',
      ' ',
      '[',
      '{',
      '}',
      '&a ',
      '*a',
      '"',
      '|',
      '---\n',
      'containers: ',
      '<<: ',
      'x',
      '\t',
      '!!',
      '? ',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        for (const find of [kubernetesImages, composeImages]) {
          await all(readYamlStream(chunksOf(parts.join('')), 'file', find));
        }
      }),
    );
  });
});

test('a short name of an image means what container runtimes take it for', () => {
  const names: readonly (readonly [string, string])[] = [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25'],
    ['acme/web', 'docker.io/acme/web:latest'],
    ['index.docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/web', 'localhost/web:latest'],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
    ['registry.example/web@sha256:00', 'registry.example/web@sha256:00'],
    ['registry:5000/web', 'registry:5000/web:latest'],
    ['', ''],
  ];
  for (const [short, whole] of names) assert.equal(expandImageName(short), whole);
});
