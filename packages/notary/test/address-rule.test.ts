import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { localSigner } from '@nv2/envelope';
import { createHttpClient, type HttpClient, nodeTransport } from '@nv2/http';
import {
  downloadPlugin,
  memoryTrustStore,
  onlineRevocation,
  timestampAuthority,
  type Verdict,
} from '@nv2/notary';
import { openRepository, type Repository } from '@nv2/oci';
import {
  crlDistributionPoints,
  type FakeHandler,
  makeChain,
  makeCrl,
  makeOcspResponse,
  makeTsa,
  ocspAccess,
  serveFake,
  withTempDir,
} from '@nv2/testkit';
import { NOW, signNow, testImage, testPolicy, verdictOf } from './fixture.ts';

const AT = NOW.getTime();
const REFUSED = { code: 'HTTP_ADDRESS_REFUSED' };

/** Serves the handler on loopback, under a name that only the resolver of the client knows. */
async function served(
  handler: FakeHandler,
  use: (at: {
    readonly port: string;
    /** Where requests came in. */
    readonly asked: readonly string[];
    /** Connects to public addresses, and to these hosts. */
    readonly client: (...allowedHosts: readonly string[]) => HttpClient;
  }) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const server = await serveFake((request) => {
    asked.push(request.url.hostname);
    return handler(request);
  });
  const transports: { close(): void }[] = [];
  const client = (...allowedHosts: readonly string[]): HttpClient => {
    const transport = nodeTransport({
      publicAddressesOnly: { allowedHosts },
      lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    transports.push(transport);
    return createHttpClient({ transport, userAgent: 'test' });
  };
  try {
    await use({ port: server.url.port, asked, client });
  } finally {
    for (const transport of transports) transport.close();
    await server.close();
  }
}

describe('security row 22: of a client that connects to public addresses only', () => {
  test('OCSP and CRLs make use', async () => {
    let made: Awaited<ReturnType<typeof makeChain>> | undefined;
    const handler: FakeHandler = async ({ url }) => {
      const [certificate] = made?.chain ?? [];
      const [issuer] = made?.authorities ?? [];
      assert.ok(certificate && issuer);
      if (url.hostname === 'crl.example') {
        return { status: 200, body: await makeCrl({ issuer, thisUpdate: AT - 1000 }) };
      }
      const body = await makeOcspResponse({
        issuer,
        answers: [{ certificate, status: 'good', thisUpdate: AT - 1000 }],
      });
      return { status: 200, headers: { 'content-type': 'application/ocsp-response' }, body };
    };
    await served(handler, async ({ port, asked, client }) => {
      made = await makeChain({
        algorithm: { kind: 'ec', curve: 'P-256' },
        now: NOW,
        leaf: {
          extensions: [
            ocspAccess(`http://ocsp.example:${port}/`),
            crlDistributionPoints(`http://crl.example:${port}/`),
          ],
        },
      });
      const { target } = testImage();
      const [root] = made.chain.slice(-1);
      assert.ok(root);
      const signer = localSigner(made.leafKey, made.chain);
      await signNow(target, { signer, chain: made.chain, root });
      const judge = (...allowed: readonly string[]): Promise<Verdict> =>
        verdictOf(target, {
          trustStore: memoryTrustStore({ 'ca:acme': [root] }),
          policy: testPolicy(),
          revocation: onlineRevocation({ client: client(...allowed) }),
        });
      const refused = await judge();
      assert.equal(refused.outcome, 'unavailable');
      const text = JSON.stringify(refused);
      assert.match(text, /NOTARY_REVOCATION_UNKNOWN/);
      for (const host of ['ocsp', 'crl'])
        assert.ok(text.includes(`${host}.example is at 127.0.0.1, which is a loopback address`));
      assert.deepEqual(asked, []);
      assert.equal((await judge('crl.example')).outcome, 'verified');
      assert.equal((await judge('ocsp.example')).outcome, 'verified');
      assert.deepEqual(asked, ['crl.example', 'ocsp.example']);
    });
  });

  test('timestamp authorities make use', async () => {
    const tsa = await makeTsa({ now: NOW, time: () => AT });
    const handler: FakeHandler = async ({ body }) => ({
      status: 200,
      headers: { 'content-type': 'application/timestamp-reply' },
      body: await tsa.answer(body),
    });
    await served(handler, async ({ port, asked, client }) => {
      const stamp = (...allowed: readonly string[]): Promise<Uint8Array> => {
        const timestamper = timestampAuthority({
          url: `http://tsa.example:${port}/`,
          root: tsa.root,
          client: client(...allowed),
          now: () => NOW,
        });
        return timestamper(Uint8Array.of(1), { hash: 'sha256' });
      };
      await assert.rejects(stamp(), REFUSED);
      assert.deepEqual(asked, []);
      assert.ok((await stamp('tsa.example')).length > 0);
    });
  });

  test('downloads of plugins make use', async () => {
    await served(
      () => ({ status: 200 }),
      async ({ port, asked, client }) => {
        await withTempDir(async (dir) => {
          const url = `https://plugins.example:${port}/p`;
          const path = join(dir, 'plugin');
          await assert.rejects(downloadPlugin(url, { client: client(), path }), REFUSED);
          // it is no TLS that answers, but it was connected to
          const allowed = client('plugins.example');
          await assert.rejects(downloadPlugin(url, { client: allowed, path }), {
            code: 'HTTP_TLS_FAILED',
          });
          assert.deepEqual(asked, []);
        });
      },
    );
  });

  test('registries make use, and the hosts that a registry sends on to', async () => {
    const handler: FakeHandler = ({ url }) => {
      if (url.hostname === 'storage.example') return { status: 200, body: 'content' };
      if (url.pathname.startsWith('/v2/app/blobs/')) {
        return { status: 307, headers: { location: `http://storage.example:${url.port}/blob` } };
      }
      const realm = `https://auth.example:${url.port}/token`;
      return {
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="${realm}",service="r"` },
      };
    };
    await served(handler, async ({ port, asked, client }) => {
      const open = (...allowed: readonly string[]): Repository =>
        openRepository(
          { registry: `registry.example:${port}`, repository: 'app' },
          {
            client: client(...allowed),
            plainHttp: true,
          },
        );
      await assert.rejects(open().resolve('v1'), refusedWithin);
      assert.deepEqual(asked, []);
      const one = open('registry.example');
      await assert.rejects(one.resolve('v1'), refusedWithin);
      const digest = `sha256:${'0'.repeat(64)}`;
      const blob = { mediaType: 'application/octet-stream', digest, size: 7 };
      await assert.rejects(one.fetchBlob(blob, { maxBytes: 100 }), refusedWithin);
      assert.deepEqual([...new Set(asked)], ['registry.example']);
    });
  });
});

/** The refusal, or an error that has it for its cause. */
function refusedWithin(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('code' in one && one.code === REFUSED.code) return true;
  }
  return false;
}
