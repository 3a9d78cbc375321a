// The command line beside notation-go on one configuration directory, and beside oras.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SIGNATURE_ARTIFACT_TYPE } from '@nv2/notary';
import { execute, NOTATION } from './execute.ts';
import { askPeerOnce } from './peer-client.ts';
import { peer, skipWithoutPeers } from './peers.ts';
import { type Storage, startStorages } from './storages.ts';

const KEY = 'interop';
const REPOSITORY = 'team/app';
const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'all',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: [`ca:${KEY}`],
      trustedIdentities: [`x509.subject:C=US,ST=WA,O=Notary,CN=${KEY}`],
    },
  ],
};

const skip = await skipWithoutPeers('nv2-peer', 'docker-registry', 'oras');

describe('the command line beside notation-go and oras', { skip }, () => {
  let work = '';
  let storages: readonly Storage[] = [];
  /** Configurations: one that trusts the test key, one that does not. */
  let config = '';
  let stranger = '';

  const storage = (name: string): Storage => {
    const found = storages.find((entry) => entry.name === name);
    assert.ok(found, `no storage ${name}`);
    return found;
  };
  const notation = (args: readonly string[], configDir: string = config): Promise<string> =>
    execute(NOTATION, args, {
      cwd: work,
      env: { NOTATION_CONFIG: configDir, NOTATION_EXPERIMENTAL: '1' },
    });
  const oras = async (...args: readonly string[]): Promise<string> =>
    await execute(await peer('oras'), args, { cwd: work, env: { DOCKER_CONFIG: work } });
  const image = (name: string): string => storage(name).scope(REPOSITORY);

  /** Pushes a new image with oras to our registry; resolves to its digest. */
  async function pushImage(tag: string): Promise<string> {
    const reference = `${image('nv2 registry')}:${tag}`;
    await writeFile(join(work, 'hello.txt'), `hello ${tag}\n`);
    await oras('push', '--plain-http', reference, 'hello.txt:text/plain');
    return (await oras('resolve', '--plain-http', reference)).trim();
  }

  async function makeConfig(dir: string): Promise<void> {
    const policy = join(work, 'policy.json');
    await writeFile(policy, JSON.stringify(POLICY));
    await notation(['cert', 'generate-test', '--default', KEY], dir);
    await notation(['policy', 'import', policy], dir);
  }

  function peerVerify(name: string, digest: string, configDir: string) {
    return askPeerOnce('verify', { ...storage(name).request(REPOSITORY, digest), configDir });
  }

  /** Where a storage is for our command line. */
  function artifact(name: string, digest: string): readonly string[] {
    if (name !== 'OCI layout') return ['--insecure-registry', `${image(name)}@${digest}`];
    const { layout, scope } = storage(name).request(REPOSITORY, digest);
    return ['--oci-layout', '--scope', String(scope), `${layout}@${digest}`];
  }

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'nv2-cli-'));
    config = join(work, 'config');
    stranger = join(work, 'stranger');
    storages = await startStorages(work);
    await makeConfig(config);
    await makeConfig(stranger);
  });

  after(async () => {
    for (const entry of storages) await entry.close();
    await rm(work, { recursive: true, force: true });
  });

  test('files that our command line writes are read by the reference', async () => {
    const answer = await askPeerOnce('config-read', {
      configDir: config,
      trustStores: [{ type: 'ca', name: KEY }],
    });
    assert.ok(answer.ok, `${answer.stage}: ${answer.error}`);
    const keyPath = join(config, 'localkeys', `${KEY}.key`);
    const certPath = join(config, 'localkeys', `${KEY}.crt`);
    assert.deepEqual(answer.signingKeys, {
      default: KEY,
      keys: [{ name: KEY, keyPath, certPath }],
    });
    const [[certificate = ''] = []] = answer.trustStores ?? [];
    const pem = await readFile(certPath, 'utf8');
    assert.equal(pem.replace(/-----[^-]+-----|\s/g, ''), certificate);
    assert.deepEqual(statements(answer.trustPolicy), POLICY.trustPolicies);
  });

  for (const format of ['jws', 'cose']) {
    test(`what our command line signs (${format}), the reference verifies`, async () => {
      const digest = await pushImage(`ours-${format}`);
      const reference = `${image('nv2 registry')}@${digest}`;
      const metadata = ['--user-metadata', 'build=42', '--expiry', '24h'];
      await notation([
        'sign',
        '--insecure-registry',
        '--signature-format',
        format,
        ...metadata,
        reference,
      ]);
      const answer = await peerVerify('nv2 registry', digest, config);
      assert.ok(answer.ok, answer.error);
      assert.deepEqual(answer.signatures[0]?.userMetadata, { build: '42' });
      assert.equal((await peerVerify('nv2 registry', digest, stranger)).ok, false);
    });

    test(`what the reference signs (${format}) with our files, our command line verifies`, async () => {
      const digest = await pushImage(`theirs-${format}`);
      const request = storage('nv2 registry').request(REPOSITORY, digest);
      const signed = await askPeerOnce('sign', { ...request, configDir: config, format });
      assert.ok(signed.ok, `${signed.stage}: ${signed.error}`);
      const reference = artifact('nv2 registry', digest);
      assert.match(
        await notation(['verify', ...reference]),
        /^Successfully verified signature for /,
      );
      await assert.rejects(notation(['verify', ...reference], stranger), { code: 1 });
    });
  }

  test('oras discovers signatures in our registry and copies them to every other place', async () => {
    const digest = await pushImage('copied');
    const reference = `${image('nv2 registry')}@${digest}`;
    for (const format of ['jws', 'cose'])
      await notation(['sign', '--insecure-registry', '--signature-format', format, reference]);

    const found = JSON.parse(await oras('discover', '--plain-http', '--format', 'json', reference));
    const types = found.referrers.map((entry: { artifactType: string }) => entry.artifactType);
    assert.deepEqual(types, [SIGNATURE_ARTIFACT_TYPE, SIGNATURE_ARTIFACT_TYPE]);

    const layout = String(storage('OCI layout').request(REPOSITORY, digest)['layout']);
    await mkdir(layout, { recursive: true });
    const copy = ['cp', '-r', '--from-plain-http', reference];
    await oras(...copy, '--to-oci-layout', `${layout}:copied`);
    for (const name of ['go-containerregistry', 'docker-registry'])
      await oras(...copy, '--to-plain-http', `${image(name)}:copied`);

    for (const name of ['go-containerregistry', 'docker-registry', 'OCI layout']) {
      const listed = await notation(['list', ...artifact(name, digest).filter(notScope)]);
      assert.equal(listed.match(/── sha256:[0-9a-f]{64}$/gm)?.length, 2, `${name}: ${listed}`);
      await notation(['verify', ...artifact(name, digest)]);
      await assert.rejects(notation(['verify', ...artifact(name, digest)], stranger), { code: 1 });
      const answer = await peerVerify(name, digest, config);
      assert.ok(answer.ok, `${name}: ${answer.error}`);
      assert.equal((await peerVerify(name, digest, stranger)).ok, false);
    }
  });

  test('oras copies signatures into our registry from one without a referrers API', async () => {
    const from = `${image('docker-registry')}-source`;
    await writeFile(join(work, 'hello.txt'), 'hello from elsewhere\n');
    await oras('push', '--plain-http', `${from}:v1`, 'hello.txt:text/plain');
    const digest = (await oras('resolve', '--plain-http', `${from}:v1`)).trim();
    await notation(['sign', '--insecure-registry', `${from}@${digest}`]);
    const to = `${image('nv2 registry')}:elsewhere`;
    await oras('cp', '-r', '--from-plain-http', '--to-plain-http', `${from}@${digest}`, to);
    await notation(['verify', ...artifact('nv2 registry', digest)]);
    const answer = await peerVerify('nv2 registry', digest, config);
    assert.ok(answer.ok, answer.error);
  });
});

/** `list` has no scope. */
function notScope(argument: string): boolean {
  return argument !== '--scope' && !argument.startsWith('local/');
}

/** The statements of a policy as the harness prints it, without what is empty. */
function statements(policy: unknown): unknown {
  const text = JSON.stringify(policy, (_key, value: unknown) => value ?? undefined);
  const document = JSON.parse(text) as { trustPolicies?: unknown };
  return document.trustPolicies;
}
