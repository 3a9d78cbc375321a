import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startRegistry } from '@nv2/registry';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { pluginCommands } from './plugin-commands.ts';
import { programCommand } from './program-command.ts';
import { pushCommand } from './push-command.ts';

const SCHEMA = new URL('../../../docs/schemas/verdict.schema.json', import.meta.url);

/** The schema with every object closed: a field that nobody documented is found. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const isOpen = 'properties' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(entries), ...(isOpen && { additionalProperties: false }) };
}

describe('verdicts for programs', () => {
  let validate: ValidateFunction;
  let dir = '';
  let certificate = '';
  let signed = '';
  const closing: (() => Promise<void>)[] = [];
  const nv2 = async (...args: readonly string[]): Promise<{ stdout: string; exitCode: number }> =>
    programCommand('nv2', dir)({ args, env: {}, stdin: '' });

  before(async () => {
    const ajv = new Ajv2020({ strict: true });
    addFormats.default(ajv);
    validate = ajv.compile(closed(JSON.parse(await readFile(SCHEMA, 'utf8'))) as object);
    dir = await mkdtemp(join(tmpdir(), 'nv2-verdict-'));
    const registry = await startRegistry({ dir: join(dir, 'r'), host: '127.0.0.1', port: 0 });
    closing.push(
      () => registry.close(),
      () => rm(dir, { recursive: true, force: true }),
    );
    signed = `localhost:${registry.url.port}/app:v1`;
    for (const reference of [signed, signed.replace('app', 'unsigned')]) {
      await pushCommand(new Map(), dir)({ args: [reference, 'content'], env: {}, stdin: '' });
    }
    await mkdir(join(dir, 'config'), { recursive: true });
    assert.equal((await nv2('cert', 'generate-test', '--default', 'acme.example')).exitCode, 0);
    certificate = join(dir, 'config/localkeys/acme.example.crt');
    assert.equal((await nv2('sign', '--user-metadata', 'a=b', signed)).exitCode, 0);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  test('of a blob conform too, in every form, with the exit codes of verify', async () => {
    const [store, identity] = ['ca:acme.example', 'x509.subject: C=US, ST=WA, O=Notary'];
    const signers = { trustStores: [store], trustedIdentities: [identity] };
    const strict = { ...signers, signatureVerification: { level: 'strict' } };
    const statements = [
      { name: 'signed', ...strict, globalPolicy: true },
      { name: 'stranger', ...strict, trustedIdentities: [`${identity}, CN=other`] },
      { name: 'unreadable-store', ...strict, trustStores: [`ca:${'x'.repeat(300)}`] },
      { name: 'skipped', signatureVerification: { level: 'skip' } },
    ];
    await writeFile(
      join(dir, 'blobs.json'),
      JSON.stringify({ version: '1.0', trustPolicies: statements }),
    );
    await writeFile(join(dir, 'blob.txt'), 'a blob');
    for (const args of [
      ['policy', 'import', 'blobs.json'],
      ['sign', 'blob.txt'],
    ]) {
      assert.equal((await nv2('blob', ...args)).exitCode, 0, args.join(' '));
    }
    for (const [statement, outcome, exitCode, kind, junit] of [
      ['signed', 'verified', 0, 'pass', /<testcase name="blob.txt" classname="signed"\/>/],
      ['stranger', 'denied', 1, 'fail', /<failure type="NOTARY_IDENTITY_MISMATCH" /],
      [
        'unreadable-store',
        'unavailable',
        3,
        'open',
        /<error type="NOTARY_TRUST_STORE_UNREADABLE" /,
      ],
      ['skipped', 'skipped', 0, 'notApplicable', /<skipped\/>/],
    ] as const) {
      const verify = (form: string): ReturnType<typeof nv2> =>
        nv2(
          'blob',
          'verify',
          '-s',
          'blob.txt.jws.sig',
          '--policy-name',
          statement,
          '-o',
          form,
          'blob.txt',
        );
      const [json, ndjson] = [await verify('json'), await verify('ndjson')];
      const verdict = JSON.parse(json.stdout);
      assert.equal(validate(verdict), true, JSON.stringify(validate.errors));
      assert.partialDeepStrictEqual(verdict, { blob: 'blob.txt', outcome });
      assert.equal(ndjson.stdout.split('\n').length, 2);
      assert.partialDeepStrictEqual(JSON.parse(ndjson.stdout), { blob: 'blob.txt', outcome });
      const [sarif, xml] = [await verify('sarif'), await verify('junit')];
      const [result] = JSON.parse(sarif.stdout).runs[0].results;
      assert.equal(result.kind, kind);
      assert.equal(result.locations[0].logicalLocations[0].fullyQualifiedName, 'blob.txt');
      assert.match(xml.stdout, junit);
      for (const run of [json, ndjson, sarif, xml]) assert.equal(run.exitCode, exitCode);
    }
  });

  test('with a verification plugin conform too, and say that it took part', async () => {
    const install = pluginCommands(dir, new Map())['lying-plugin'];
    const verifier = ['SIGNATURE_VERIFIER.TRUSTED_IDENTITY', 'SIGNATURE_VERIFIER.REVOCATION_CHECK'];
    for (const [name, ...capabilities] of [
      ['whole', 'SIGNATURE_GENERATOR.ENVELOPE'],
      ['checker', ...verifier],
    ] as const) {
      const args = [name, '1.0.0', capabilities.join(',')];
      assert.equal((await install?.({ args, env: {}, stdin: '' }))?.exitCode, 0);
    }
    const image = signed.replace('app', 'plugged');
    await pushCommand(new Map(), dir)({ args: [image, 'content'], env: {}, stdin: '' });
    const key = ['--plugin', 'whole', '--id', certificate.replace(/crt$/, 'key')];
    const names = 'critical:io.cncf.notary.verificationPlugin=checker';
    const made = await nv2('sign', ...key, '--plugin-config', names, image);
    assert.equal(made.exitCode, 0, made.stdout);
    for (const [config, exitCode, results] of [
      ['a=b', 0, { authenticity: 'passed', extension: 'passed', revocation: 'passed' }],
      [
        `${verifier[1]}=no`,
        1,
        { authenticity: 'passed', extension: 'passed', revocation: 'failed' },
      ],
    ] as const) {
      const args = ['--trust', certificate, '--plugin-config', config, '-o', 'json', image];
      const run = await nv2('verify', ...args);
      assert.equal(run.exitCode, exitCode, run.stdout);
      const verdict = JSON.parse(run.stdout);
      assert.equal(validate(verdict), true, JSON.stringify(validate.errors));
      const checks: readonly Record<string, string>[] = verdict.signatures[0].checks;
      const byPlugin = checks.filter(({ plugin }) => plugin === 'checker');
      const found = byPlugin.map(({ check, result }) => [check, result]);
      assert.deepEqual(Object.fromEntries(found), results);
    }
  });

  const skipping = {
    version: 'nv2/1',
    statements: [{ name: 's', scopes: [{ any: true }], level: 'skip' }],
  };
  const cases: readonly (readonly [string, () => readonly string[], string, number])[] = [
    ['a yes', () => ['--trust', certificate, signed], 'verified', 0],
    ['a no', () => ['--pin', `sha256:${'0'.repeat(64)}`, signed], 'denied', 1],
    [
      'no signature',
      () => ['--trust', certificate, signed.replace('app', 'unsigned')],
      'denied',
      1,
    ],
    ['no artifact', () => ['--trust', certificate, signed.replace('v1', 'v2')], 'unavailable', 3],
    ['nothing asked for', () => ['--policy', join(dir, 'skip.json'), signed], 'skipped', 0],
  ];

  test('conform to their schema, and come with the exit code that they mean', async () => {
    await writeFile(join(dir, 'skip.json'), JSON.stringify(skipping));
    for (const [name, args, outcome, exitCode] of cases) {
      const run = await nv2('verify', '--output', 'json', ...args());
      const verdict: unknown = JSON.parse(run.stdout);
      assert.equal(validate(verdict), true, `${name}: ${JSON.stringify(validate.errors)}`);
      assert.partialDeepStrictEqual(verdict, { outcome }, name);
      assert.equal(run.exitCode, exitCode, name);
    }
  });

  test('name the signers and their keys where identities under trust stores are not all', async () => {
    const key = `sha256:${'0'.repeat(64)}`;
    const known = { name: 'known', keys: [key] };
    const named = { name: 'named', stores: ['ca:acme.example'], identities: [{ any: true }] };
    const both = {
      version: 'nv2/1',
      statements: [
        { name: 's', scopes: [{ any: true }], level: 'strict', signers: [known, named] },
      ],
    };
    await writeFile(join(dir, 'both.json'), JSON.stringify(both));
    const asData = { trustStores: [], trustedIdentities: [], keys: [key] };
    const [store, anybody] = [['ca:acme.example'], ['*']];
    for (const [args, expected] of [
      [
        ['--pin', key],
        {
          trustStores: [],
          trustedIdentities: [],
          signers: [{ name: 'command line', ...asData }],
          threshold: 1,
        },
      ],
      [
        ['--policy', join(dir, 'both.json')],
        {
          trustStores: store,
          trustedIdentities: anybody,
          signers: [
            { name: 'known', ...asData },
            { name: 'named', trustStores: store, trustedIdentities: anybody },
          ],
          threshold: 2,
        },
      ],
    ] as const) {
      const { stdout, exitCode } = await nv2('verify', '-o', 'json', ...args, signed);
      assert.equal(exitCode, 1);
      const verdict = JSON.parse(stdout);
      assert.equal(validate(verdict), true, JSON.stringify(validate.errors));
      const { trustStores, trustedIdentities, signers, threshold } = verdict.statement;
      assert.deepEqual({ trustStores, trustedIdentities, signers, threshold }, expected);
    }
  });

  test('name a signer that signatures count for where it is called otherwise than its statement', async () => {
    const stores = ['ca:acme.example'];
    const named = { name: 'named', stores, identities: [{ any: true }] };
    const statements = [{ name: 's', scopes: [{ any: true }], level: 'strict', signers: [named] }];
    await writeFile(join(dir, 'one.json'), JSON.stringify({ version: 'nv2/1', statements }));
    const { stdout } = await nv2('verify', '-o', 'json', '--policy', join(dir, 'one.json'), signed);
    const verdict = JSON.parse(stdout);
    assert.equal(validate(verdict), true, JSON.stringify(validate.errors));
    const { signers, threshold } = verdict.statement;
    const known = { name: 'named', trustStores: stores, trustedIdentities: ['*'] };
    assert.deepEqual({ signers, threshold }, { signers: [known], threshold: 1 });
  });

  test('leave the signers out of a statement that notation has too', async () => {
    const { stdout } = await nv2('verify', '-o', 'json', '--trust', certificate, signed);
    const { statement } = JSON.parse(stdout);
    assert.deepEqual(['signers' in statement, 'threshold' in statement], [false, false]);
    assert.deepEqual(statement.trustedIdentities, ['*']);
  });

  test('of a scan conform too, with what is no reference and the places of all', async () => {
    await writeFile(join(dir, 'refs.txt'), `${signed}\nrubbish\n`);
    const run = await nv2('scan', '-o', 'json', '--trust', certificate, '--file', 'refs.txt');
    const verdicts: readonly unknown[] = JSON.parse(run.stdout);
    assert.deepEqual(
      verdicts.map((verdict) => validate(verdict)),
      [true, true],
    );
    assert.partialDeepStrictEqual(verdicts, [
      { outcome: 'unreadable', places: [{ source: 'refs.txt', line: 2 }] },
      { outcome: 'verified', places: [{ source: 'refs.txt', line: 1 }] },
    ]);
    assert.equal(run.exitCode, 2);
  });

  test('in one line say the same', async () => {
    const [, args] = cases[0] ?? [];
    const { stdout } = await nv2('verify', '-o', 'ndjson', ...(args?.() ?? []));
    assert.equal(stdout.split('\n').length, 2);
    assert.partialDeepStrictEqual(JSON.parse(stdout), { outcome: 'verified' });
  });

  test('in SARIF a no fails, and what is not decided stays open', async () => {
    for (const [name, args, outcome] of cases) {
      const run = await nv2('verify', '-o', 'sarif', ...args());
      const log = JSON.parse(run.stdout);
      const [result] = log.runs[0].results;
      const kinds: Readonly<Record<string, string>> = {
        verified: 'pass',
        denied: 'fail',
        unavailable: 'open',
        skipped: 'notApplicable',
      };
      assert.equal(log.version, '2.1.0');
      assert.equal(result.kind, kinds[outcome], name);
      assert.equal(result.level, outcome === 'denied' ? 'error' : 'none');
      assert.deepEqual(log.runs[0].tool.driver.rules, [{ id: result.ruleId }]);
    }
  });

  test('in JUnit a no is a failure, and what is not decided an error', async () => {
    const elements: Readonly<Record<string, RegExp>> = {
      verified: /<testcase [^>]*\/>/,
      denied: /<failure type="NOTARY_[A-Z_]+" message="[^"<]+"\/>/,
      unavailable: /<error type="NOTARY_[A-Z_]+"/,
      skipped: /<skipped\/>/,
    };
    for (const [name, args, outcome] of cases) {
      const { stdout } = await nv2('verify', '-o', 'junit', ...args());
      assert.match(stdout, elements[outcome] ?? /never/, name);
      assert.match(stdout, /<testsuite name="nv2 verify" tests="1"/);
      assert.doesNotMatch(stdout, /classname=""/, name);
    }
  });
});
