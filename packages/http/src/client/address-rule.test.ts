import assert from 'node:assert/strict';
import { isIP, type LookupFunction } from 'node:net';
import { describe, test } from 'node:test';
import { serveFake } from '@nv2/testkit';
import { HttpError } from '../errors.ts';
import { AddressBlocks } from './address-blocks.ts';
import { AddressGuard, type AddressRule } from './address-rule.ts';
import { readBody } from './body.ts';
import { createHttpClient } from './http-client.ts';
import { type NodeTransportOptions, nodeTransport } from './node-transport.ts';

const KINDS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
  private: [
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255'],
    ...['fc00::1', 'fdff::1', 'fec0::1', '64:ff9b:1::1', '::ffff:10.1.2.3', '::ffff:a01:203'],
    ...['64:ff9b::10.1.2.3', '2002:a01:203::1', '2002:c0a8:101::', '100.100.100.200'],
  ],
  'link-local': [
    ...['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
    ...['::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::'],
  ],
  unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', '::ffff:224.0.0.1'],
  reserved: [
    ...['255.255.255.255', '192.0.0.192', '192.0.2.1', '198.18.0.1', '203.0.113.9', '240.0.0.1'],
    ...[
      '168.63.129.16',
      '2001:db8::1',
      '2001:0:7f00:1::',
      '3fff::1',
      '::127.0.0.1',
      '::2',
      '4000::1',
    ],
  ],
};

const PUBLIC = [
  ...['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '169.253.0.1'],
  ...['126.0.0.1', '128.0.0.1', '223.255.255.255', '2606:4700::1111', '2a00:1450::1', '2400::1'],
  ...['::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1'],
];

describe('security row 22: addresses', () => {
  const blocks = new AddressBlocks();
  for (const [kind, addresses] of Object.entries(KINDS)) {
    test(`that are ${kind} are told, inside IPv6 as well`, () => {
      for (const address of addresses) assert.equal(blocks.kindOf(address), kind, address);
    });
  }
  test('that are public have none of these kinds', () => {
    for (const address of PUBLIC) assert.equal(blocks.kindOf(address), undefined, address);
  });
});

/** A resolver that knows the addresses of one name after the other each time it is asked. */
function resolver(...answers: readonly (readonly string[])[]): LookupFunction {
  let asked = 0;
  return (_host, _options, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
  };
}

const LOOPBACK = resolver(['127.0.0.1']);

/** What a client under a rule gets from a server on loopback, and whether the server was reached. */
async function ask(
  urlOf: (port: string) => string,
  options: Omit<NodeTransportOptions, 'publicAddressesOnly'> & AddressRule = {},
): Promise<{ readonly reached: boolean; readonly got: string }> {
  let reached = false;
  const server = await serveFake(() => {
    reached = true;
    return { status: 200, body: 'answer' };
  });
  const { allowedHosts = [], ...others } = options;
  const transport = nodeTransport({ ...others, publicAddressesOnly: { allowedHosts } });
  try {
    const url = new URL(urlOf(server.url.port));
    const response = await transport({ method: 'GET', url }, {});
    const got = new TextDecoder().decode(await readBody(response, { maxBytes: 1000 }));
    return { reached, got };
  } catch (error) {
    assert.ok(error instanceof HttpError, String(error));
    return { reached, got: `${error.code} ${error.data['kind']} ${error.data['address']}` };
  } finally {
    transport.close();
    await server.close();
  }
}

const REFUSED = { reached: false, got: 'HTTP_ADDRESS_REFUSED loopback 127.0.0.1' };

describe('security row 22: a client of a service', () => {
  for (const host of ['127.0.0.1', '0x7f.1', '2130706433', '0177.0.0.1', '127.1', '127.0.0.1.']) {
    test(`does not connect to ${host}`, async () => {
      assert.deepEqual(await ask((port) => `http://${host}:${port}/`), REFUSED);
      assert.deepEqual(await ask((port) => `https://${host}:${port}/`), REFUSED);
    });
  }

  for (const host of ['[::1]', '[::ffff:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[2002:7f00:1::]']) {
    test(`does not connect to ${host}`, async () => {
      const { reached, got } = await ask((port) => `http://${host}:${port}/`);
      assert.match(got, /^HTTP_ADDRESS_REFUSED loopback /);
      assert.equal(reached, false);
    });
  }

  test('does not connect to a name at such an address, over TLS neither', async () => {
    for (const scheme of ['http', 'https']) {
      const url = (port: string): string => `${scheme}://ocsp.example:${port}/`;
      assert.deepEqual(await ask(url, { lookup: LOOPBACK }), REFUSED);
    }
    const { got } = await ask((port) => `http://localhost:${port}/`);
    assert.match(got, /^HTTP_ADDRESS_REFUSED loopback /);
  });

  test('says the host, the address and what to do', async () => {
    const transport = nodeTransport({
      publicAddressesOnly: {},
      lookup: resolver(['169.254.169.254']),
    });
    await assert.rejects(transport({ method: 'GET', url: new URL('http://crl.example/') }, {}), {
      code: 'HTTP_ADDRESS_REFUSED',
      message:
        'crl.example is at 169.254.169.254, which is a link-local address, expected a public one',
      hint: /allowed it by name/,
      data: { host: 'crl.example', address: '169.254.169.254', kind: 'link-local' },
    });
  });

  test('connects to the addresses of a name that are public, and to no others', (_, done) => {
    const lookup = resolver(['127.0.0.1', '8.8.8.8', 'fd00::1', '2606:4700::1111']);
    const guard = new AddressGuard({ lookup });
    guard.lookup('mixed.example', { all: true }, (error, found) => {
      assert.equal(error, null);
      assert.deepEqual(found, [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ]);
      guard.lookup('mixed.example', {}, (failure, address, family) => {
        assert.deepEqual([failure, address, family], [null, '8.8.8.8', 4]);
        done();
      });
    });
  });

  test('judges the address of each connection, not what the name was before', (_, done) => {
    const guard = new AddressGuard({ lookup: resolver(['8.8.8.8'], ['10.0.0.1']) });
    guard.lookup('rebind.example', { all: true }, (first) => {
      assert.equal(first, null);
      guard.lookup('rebind.example', { all: true }, (second) => {
        assert.ok(second instanceof HttpError);
        assert.equal(second.code, 'HTTP_ADDRESS_REFUSED');
        done();
      });
    });
  });

  test('connects to hosts allowed by name, wherever they are', async () => {
    const OK = { reached: true, got: 'answer' };
    const named = { allowedHosts: ['OCSP.example'], lookup: LOOPBACK };
    assert.deepEqual(await ask((port) => `http://ocsp.example:${port}/`, named), OK);
    const literal = { allowedHosts: ['127.0.0.1'] };
    assert.deepEqual(await ask((port) => `http://127.0.0.1:${port}/`, literal), OK);
    assert.deepEqual(await ask((port) => `http://0x7f.1:${port}/`, literal), OK);
  });

  test('takes a name for itself alone: not its domain, its address or a look-alike', async () => {
    for (const allowed of [
      'example',
      'a.ocsp.example',
      'ocsp.example.',
      '127.0.0.1',
      'xocsp.example',
    ]) {
      const options = { allowedHosts: [allowed], lookup: LOOPBACK };
      assert.deepEqual(
        await ask((port) => `http://ocsp.example:${port}/`, options),
        REFUSED,
        allowed,
      );
    }
  });

  test('refuses to be made with what is no host', () => {
    for (const host of ['', 'a:80', 'http://a', 'a/b', 'u@a', 'a b', '*.example?']) {
      assert.throws(() => nodeTransport({ publicAddressesOnly: { allowedHosts: [host] } }), {
        code: 'HTTP_ALLOWED_HOST_INVALID',
      });
    }
  });

  test('says of a name that does not resolve what any client says', async () => {
    const lookup: LookupFunction = (host, _options, callback) =>
      callback(
        Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }),
        '',
      );
    const { got } = await ask(() => 'http://nowhere.example/', { lookup });
    assert.match(got, /^HTTP_CONNECTION_FAILED /);
    const nothing = await ask(() => 'http://nowhere.example/', { lookup: resolver([]) });
    assert.match(nothing.got, /^HTTP_CONNECTION_FAILED /);
  });

  test('is not led to such an address by a redirect', async () => {
    let inside = false;
    const secret = await serveFake(() => {
      inside = true;
      return { status: 200, body: 'secret' };
    });
    const outside = await serveFake(() => ({
      status: 302,
      headers: { location: secret.url.href },
    }));
    const transport = nodeTransport({
      publicAddressesOnly: { allowedHosts: ['outside.example'] },
      lookup: LOOPBACK,
    });
    try {
      const client = createHttpClient({ transport, userAgent: 'test' });
      const url = new URL(`http://outside.example:${outside.url.port}/`);
      await assert.rejects(client.send({ method: 'GET', url }), { code: 'HTTP_ADDRESS_REFUSED' });
      assert.equal(inside, false);
    } finally {
      transport.close();
      await Promise.all([secret.close(), outside.close()]);
    }
  });
});

describe('security row 22: through a proxy', () => {
  /** What the proxy is asked for; it is on loopback itself. */
  async function throughProxy(
    url: string,
    noProxy = '',
  ): Promise<{ readonly asked: readonly string[]; readonly code?: string }> {
    const asked: string[] = [];
    const server = await serveFake((request) => {
      asked.push(request.headers['host'] ?? '');
      return { status: 200 };
    });
    const { port } = server.url;
    const proxy = `http://proxy.example:${port}`;
    const transport = nodeTransport({
      proxy: { http: proxy, https: proxy, noProxy },
      publicAddressesOnly: {},
      lookup: LOOPBACK,
    });
    const get = async (at: string): Promise<void> => {
      const response = await transport({ method: 'GET', url: new URL(at) }, {});
      await response.discard();
    };
    try {
      await get('http://first.example/');
      await get(url.replace('PORT', port));
      return { asked: asked.slice(1) };
    } catch (error) {
      assert.ok(error instanceof HttpError, String(error));
      return { asked: asked.slice(1), code: error.code };
    } finally {
      transport.close();
      await server.close();
    }
  }

  test('names are asked for, and it is for the proxy to judge where they are', async () => {
    assert.deepEqual(await throughProxy('http://inside.example/'), { asked: ['inside.example'] });
    const { code } = await throughProxy('https://inside.example/');
    assert.equal(code, 'HTTP_PROXY_FAILED');
  });

  test('addresses that are not public are not asked for, over TLS neither', async () => {
    for (const url of ['http://169.254.169.254/', 'https://10.0.0.1/', 'http://[fd00::1]/']) {
      assert.deepEqual(await throughProxy(url), { asked: [], code: 'HTTP_ADDRESS_REFUSED' }, url);
    }
  });

  test('localhost is not asked for, which is reached without one', async () => {
    assert.deepEqual(await throughProxy('http://localhost/'), {
      asked: [],
      code: 'HTTP_ADDRESS_REFUSED',
    });
  });

  test('a connection to the proxy is not used again for a host at its address', async () => {
    const url = 'http://proxy.example:PORT/';
    assert.deepEqual(await throughProxy(url, 'proxy.example'), {
      asked: [],
      code: 'HTTP_ADDRESS_REFUSED',
    });
  });
});

test('a client without a rule connects anywhere, as one of a user on a machine of their own', async () => {
  const server = await serveFake(() => ({ status: 200 }));
  const transport = nodeTransport({ lookup: LOOPBACK });
  try {
    const url = new URL(`http://any.example:${server.url.port}/`);
    const response = await transport({ method: 'GET', url }, {});
    assert.equal(response.status, 200);
    await response.discard();
  } finally {
    transport.close();
    await server.close();
  }
});
