// The packages as a user has them: packed, and installed in an empty project without any network.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE } from '@nv2/envelope';
import { bundleForBrowser } from '../scripts/browser-bundle.ts';
import { installedRuntime } from '../scripts/bun-runtime.ts';
import { foreignDependencies, packFolders, publicPackages } from '../scripts/packages.ts';
import { ROOT } from '../scripts/run-command.ts';
import { withSite } from './embedded-registry.ts';
import { type Outcome, runProcess } from './run-process.ts';
import { signedImages } from './signed-image.ts';
import { assertSmallBundle } from './small-bundle.ts';

const packages = await publicPackages();
const names = packages.map(({ json }) => json.name);
const entries = packages.flatMap(({ json }) =>
  Object.keys(json.exports ?? {}).map((entry) => join(json.name, entry)),
);
const EXAMPLES = ['browser/verify.ts', 'list.ts', 'sign.ts', 'verify.ts'];

/** What a user of JavaScript writes: given bytes to a verdict, and every entry loads. */
const PROGRAM = `
import { readFile } from 'node:fs/promises';
import { memoryTrustStore, parseOciTrustPolicy, verifySignatures } from '@nv2/notary';
import { parseCertificates } from '@nv2/x509';

for (const entry of ${JSON.stringify(entries)}) await import(entry);
for (const given of JSON.parse(await readFile('given.json', 'utf8'))) {
  const bytes = (name) => Buffer.from(given[name], 'base64');
  const subject = { mediaType: given.manifestMediaType, bytes: bytes('manifest') };
  const signatures = [{ mediaType: given.envelopeMediaType, bytes: bytes('envelope') }];
  const { verdict } = await verifySignatures(
    { scope: given.scope, subject, signatures },
    {
      policy: parseOciTrustPolicy(bytes('policy')),
      trustStore: memoryTrustStore({ 'ca:images': parseCertificates(bytes('anchors')) }),
    },
  ).catch((error) => error);
  console.log(verdict.outcome, verdict.signatures[0].cause?.code);
}
`;

async function install(project: string): Promise<Outcome> {
  // packed from where npm has installed them
  const foreign = (await foreignDependencies()).map((name) => `node_modules/${name}`);
  const folders = [...packages.map(({ folder }) => folder), ...foreign];
  const tarballs = [...(await packFolders(folders, project)).values()];
  await writeFile(join(project, 'package.json'), '{"type":"module","private":true}');
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return runProcess('npm', ['install', ...flags, ...tarballs], { cwd: project });
}

/** The TypeScript of a user: the examples, and every program in a README of a package. */
async function writeSources(project: string): Promise<void> {
  for (const example of EXAMPLES)
    await cp(join(ROOT, 'examples', example), join(project, 'src', example));
  for (const { folder } of packages) {
    const readme = await readFile(join(project, 'node_modules/@nv2', folder.slice(9), 'README.md'));
    const programs = readme.toString().matchAll(/^```ts\n([\s\S]*?)^```$/gm);
    for (const [, program = ''] of programs)
      await writeFile(join(project, 'src', `readme-${folder.slice(9)}.ts`), program);
  }
}

describe('the packages, packed and installed in an empty project', () => {
  let project = '';
  before(async () => {
    const built = await runProcess('sh', ['scripts/node.sh', 'scripts/build.ts']);
    assert.equal(built.code, 0, built.output);
    project = await mkdtemp(join(tmpdir(), 'nv2-project-'));
    const { code, output } = await install(project);
    assert.equal(code, 0, output);
    await mkdir(join(project, 'src/browser'), { recursive: true });
    await writeSources(project);
  });
  after(() => rm(project, { recursive: true, force: true }));

  test('hold what a user looks for, and no tests', async () => {
    const license = await readFile(join(ROOT, 'LICENSE'), 'utf8');
    for (const name of names) {
      const folder = join(project, 'node_modules', name);
      assert.equal(await readFile(join(folder, 'LICENSE'), 'utf8'), license, name);
      assert.match(await readFile(join(folder, 'README.md'), 'utf8'), new RegExp(`^# ${name}\n`));
    }
    const { output } = await runProcess('find', ['node_modules/@nv2', '-name', '*.test.*'], {
      cwd: project,
    });
    assert.equal(output, '');
  });

  test('work in JavaScript', async () => {
    const images = [
      await signedImages({ kind: 'ec', curve: 'P-256' }, JWS_MEDIA_TYPE),
      await signedImages({ kind: 'rsa', modulusBits: 2048 }, COSE_MEDIA_TYPE),
    ].flatMap(({ good, tampered }) => [good, tampered]);
    await writeFile(join(project, 'given.json'), JSON.stringify(images));
    await writeFile(join(project, 'program.js'), PROGRAM);
    const { code, output } = await runProcess(process.execPath, ['program.js'], { cwd: project });
    assert.equal(code, 0, output);
    const verdicts = ['verified undefined', 'denied ENVELOPE_SIGNATURE_INVALID'];
    assert.deepEqual(output.trim().split('\n'), [...verdicts, ...verdicts]);
  });

  test('run the examples in JavaScript as they run in TypeScript', async () => {
    for (const name of ['list', 'sign', 'verify'])
      await cp(join(ROOT, `examples/${name}.ts`), join(project, `${name}.js`));
    await withSite(async ({ image, digest, key, chain, policy, trustStore, signer }) => {
      const run = (name: string, ...args: readonly string[]): Promise<Outcome> =>
        runProcess(process.execPath, [`${name}.js`, image, ...args], { cwd: project });
      const unsigned = await run('verify', policy, trustStore);
      assert.equal(unsigned.code, 1);
      assert.match(unsigned.output, /NOTARY_SIGNATURE_NOT_FOUND/);
      const signed = await run('sign', key, chain);
      assert.equal(signed.code, 0, signed.output);
      const { output } = await run('list');
      assert.equal(output, `${digest}: 1 signatures\n${signed.output}`);
      const verified = await run('verify', policy, trustStore);
      assert.equal(verified.output, `${digest} verified ${signer}\n`);
    });
  });

  test('have a command line under both of its names', async () => {
    for (const name of ['nv2', 'notation']) {
      const path = join(project, 'node_modules/.bin', name);
      const { code, output } = await runProcess(process.execPath, [path, 'version']);
      assert.equal(code, 0, output);
    }
  });

  test('sign and verify on the command line', async () => {
    await withSite(async ({ image, key, chain, policy, trustStore, signer }) => {
      const nv2 = (...args: readonly string[]): Promise<Outcome> =>
        runProcess(process.execPath, [join(project, 'node_modules/.bin/nv2'), ...args]);
      const signed = await nv2('sign', '--key-file', key, '--cert-file', chain, image);
      assert.equal(signed.code, 0, signed.output);
      const trust = ['--policy', policy, '--trust-dir', trustStore];
      const verified = await nv2('verify', ...trust, '--output', 'ndjson', image);
      assert.equal(verified.code, 0, verified.output);
      const verdict = verified.output.split('\n').find((line) => line.startsWith('{')) ?? '';
      const { outcome, signatures } = JSON.parse(verdict);
      assert.deepEqual([outcome, signatures[0].signer.subject], ['verified', signer]);
    });
  });

  test('have programs that are bundles, of our own code alone', {
    skip: installedRuntime() === undefined && 'the npm package of bun is not installed',
  }, async () => {
    const bin = join(project, 'node_modules/@nv2/cli/dist/bin');
    for (const name of await readdir(bin)) {
      const code = await readFile(join(bin, name), 'utf8');
      assert.doesNotMatch(code, /^\/\/ .*node_modules\//m, name);
      assert.doesNotMatch(code, /'\.\.\/(nv2|notation)\.js'/, name);
    }
  });

  const SETTINGS = [
    { module: 'node16', moduleResolution: 'node16' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ];
  const check = async (settings: object, include: readonly string[]): Promise<Outcome> => {
    const common = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2022' };
    const compilerOptions = { ...common, ...settings };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    return runProcess(process.execPath, [tsc, '-p', project], { cwd: project });
  };

  for (const settings of SETTINGS) {
    test(`have types for TypeScript, moduleResolution ${settings.moduleResolution}`, async () => {
      const typeRoots = [join(ROOT, 'node_modules/@types')];
      const node = { ...settings, lib: ['es2023'], types: ['node'], typeRoots };
      const { output } = await check(node, ['src/**/*.ts']);
      assert.equal(output, '');
    });

    test(`have types without Node's, moduleResolution ${settings.moduleResolution}`, async () => {
      const lib = ['es2023', 'dom', 'dom.iterable'];
      // declarations of what runs on Node alone are in the same packages
      const browser = { ...settings, lib, types: [], skipLibCheck: true };
      const { output } = await check(browser, ['src/browser/*.ts']);
      assert.equal(output, '');
    });
  }

  const skip = installedRuntime() === undefined ? 'the npm package of bun is not installed' : false;
  test('make a small bundle for browsers', { skip }, async () => {
    const outfile = join(project, 'bundle.js');
    await bundleForBrowser('src/browser/verify.ts', outfile, { project });
    assertSmallBundle(await readFile(outfile, 'utf8'));
  });
});
