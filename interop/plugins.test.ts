// A plugin written with nv2 under notation-go's plugin manager.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Site, withSite } from '../test/embedded-registry.ts';
import { writeExamplePlugin, writePlugin } from '../test/example-plugin.ts';
import { runExample } from '../test/run-process.ts';
import { askPeerOnce, type PeerSigned } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';

const MEDIA_TYPES = { jws: 'application/jose+json', cose: 'application/cose' };

const skip = await skipWithoutPeers('nv2-peer');

async function withPlugins(use: (site: Site, plugins: string) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const plugins = join(site.dir, 'plugins');
    await writeExamplePlugin(plugins);
    await use(site, plugins);
  });
}

function signWith(
  site: Site,
  plugins: string,
  { format, pluginConfig }: { readonly format: string; readonly pluginConfig: object },
): Promise<PeerSigned> {
  return askPeerOnce('sign', {
    reference: site.image,
    plainHttp: true,
    ...{ plugins, plugin: 'keyfile', keyId: site.key, pluginConfig, format },
  });
}

describe('a plugin of nv2 under notation-go', { skip }, () => {
  test('says what it is', async () => {
    await withPlugins(async (_, plugins) => {
      const { ok, error, response } = await askPeerOnce('plugin-call', {
        ...{ plugins, plugin: 'keyfile', command: 'get-plugin-metadata', request: {} },
      });
      assert.ok(ok, error);
      assert.deepEqual(response, {
        name: 'keyfile',
        description: 'Signs with private keys in files',
        version: '1.0.0',
        url: 'https://github.com/example/notation-keyfile',
        supportedContractVersions: ['1.0'],
        capabilities: ['SIGNATURE_GENERATOR.RAW'],
      });
    });
  });

  for (const format of ['jws', 'cose']) {
    test(`signs ${format}, and nv2 verifies the signature`, async () => {
      await withPlugins(async (site, plugins) => {
        const pluginConfig = { chain: site.chain };
        const signed = await signWith(site, plugins, { format, pluginConfig });
        assert.ok(signed.ok, signed.error);
        assert.equal(signed.subject, site.digest);
        const args = [site.image, site.policy, site.trustStore];
        const { code, output } = await runExample('verify.ts', args);
        assert.equal(code, 0, output);
      });
    });
  }

  test('says what is wrong, and notation-go hands it on', async () => {
    await withPlugins(async (site, plugins) => {
      const { ok, error } = await signWith(site, plugins, { format: 'jws', pluginConfig: {} });
      assert.equal(ok, false);
      assert.match(error ?? '', /give --plugin-config chain=PATH/);
    });
  });
});

describe('a plugin of nv2 with every command, under notation-go', { skip }, () => {
  type Call = (
    command: string,
    request: object,
  ) => Promise<{ readonly ok: boolean; readonly error?: string; readonly response: Answer }>;
  type Answer = Readonly<Record<string, unknown>>;

  async function withCalls(use: (call: Call, site: Site) => Promise<void>): Promise<void> {
    await withSite(async (site) => {
      const plugins = join(site.dir, 'plugins');
      await writePlugin(plugins, { name: 'complete', program: 'interop/complete-plugin.ts' });
      const call: Call = async (command, request) => {
        const pluginConfig = { chain: site.chain };
        const full = { contractVersion: '1.0', keyId: site.key, pluginConfig, ...request };
        const asked = { plugins, plugin: 'complete', command, request: full };
        const { response = {}, ...verdict } = await askPeerOnce('plugin-call', asked);
        return { ...verdict, response };
      };
      await use(call, site);
    });
  }

  const payload = Buffer.from('{"targetArtifact":{}}').toString('base64');
  const payloadType = 'application/vnd.cncf.notary.payload.v1+json';

  test('describes a key, and signs bytes with it', async () => {
    await withCalls(async (call, { key }) => {
      const described = await call('describe-key', {});
      assert.deepEqual(described.response, { keyId: key, keySpec: 'EC-256' });
      const request = { keySpec: 'EC-256', hashAlgorithm: 'SHA-256', payload };
      const { ok, error, response } = await call('generate-signature', request);
      assert.ok(ok, error);
      assert.equal(response['signingAlgorithm'], 'ECDSA-SHA-256');
    });
  });

  test('makes envelopes that notation-go accepts, and takes part in a verification', async () => {
    await withCalls(async (call) => {
      for (const [format, signatureEnvelopeType] of Object.entries(MEDIA_TYPES)) {
        const request = {
          payload,
          payloadType,
          signatureEnvelopeType,
          expiryDurationInSeconds: 60,
        };
        const { ok, error, response } = await call('generate-envelope', request);
        assert.ok(ok, error);
        assert.deepEqual(response['annotations'], { 'made.by': 'complete' });
        const envelope = response['signatureEnvelope'];
        const read = await askPeerOnce('envelope-verify', { format, envelope });
        assert.ok(read.ok, read.error);
        assert.equal(read.payload, payload);
        const { certificates } = read;
        const verified = await call('verify-signature', verification(certificates));
        assert.ok(verified.ok, verified.error);
        assert.deepEqual(verified.response, {
          verificationResults: {
            'SIGNATURE_VERIFIER.TRUSTED_IDENTITY': { success: false, reason: 'a stranger' },
            'SIGNATURE_VERIFIER.REVOCATION_CHECK': { success: true },
          },
          processedAttributes: ['x'],
        });
      }
    });
  });

  function verification(certificateChain: unknown): object {
    return {
      signature: {
        criticalAttributes: {
          contentType: payloadType,
          signingScheme: 'notary.x509',
          expiry: '0001-01-01T00:00:00Z',
          extendedAttributes: { x: 'y' },
        },
        unprocessedAttributes: ['x'],
        certificateChain,
      },
      trustPolicy: {
        trustedIdentities: ['other:x'],
        signatureVerification: [
          'SIGNATURE_VERIFIER.TRUSTED_IDENTITY',
          'SIGNATURE_VERIFIER.REVOCATION_CHECK',
        ],
      },
    };
  }
});
