import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on loopback that stands for a registry. */
export interface FakeRegistry {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * A registry that answers every request with the status that the repository is named after
 * (`status-403/app`), or in the way it is named after (`basic`, `reset`; `listless` has any manifest
 * and a list of referrers without a list in it); others get a web page.
 */
export function startBadRegistry(): Promise<FakeRegistry> {
  return start((request, response) => {
    // of a proxy the whole URL is asked for
    const [, repository = ''] = /^(?:http:\/\/[^/]+)?\/v2\/([^/]+)\//.exec(request.url ?? '') ?? [];
    const status = /^status-(\d{3})$/.exec(repository)?.[1];
    if (repository === 'reset') {
      request.socket.destroy();
    } else if (repository === 'basic') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="bad"' }).end();
    } else if (repository === 'listless') {
      answerListless(request, response);
    } else if (status !== undefined) {
      const errors = [{ code: 'SOME_REASON', message: 'because \u001b[31mof\u001b[0m the test' }];
      // a client that tries again need not wait
      response.writeHead(Number(status), { 'retry-after': '0' }).end(JSON.stringify({ errors }));
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
    }
  });
}

const answerListless: RequestListener = ({ url = '' }, response) => {
  const [kind, body] = url.includes('/referrers/')
    ? ['index', '{"schemaVersion":2}']
    : ['manifest', '{}'];
  response.writeHead(200, { 'content-type': `application/vnd.oci.image.${kind}.v1+json` });
  response.end(body);
};

/** An empty registry that lets in alice with the password opensesame. */
export function startSecuredRegistry(): Promise<FakeRegistry> {
  const expected = `Basic ${Buffer.from('alice:opensesame').toString('base64')}`;
  return start((request, response) => {
    if (request.headers.authorization !== expected) {
      const errors = [{ code: 'UNAUTHORIZED', message: 'authentication required' }];
      response
        .writeHead(401, { 'www-authenticate': 'Basic realm="secured"' })
        .end(JSON.stringify({ errors }));
    } else if (request.url === '/v2/') {
      response.writeHead(200).end('{}');
    } else {
      response.writeHead(404).end();
    }
  });
}

async function start(listener: RequestListener): Promise<FakeRegistry> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
