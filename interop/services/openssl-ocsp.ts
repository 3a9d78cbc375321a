// `openssl ocsp` as a responder.
import { once } from 'node:events';
import http from 'node:http';
import { join } from 'node:path';
import { type FakeHandler, type FakeRequest, type FakeResponse, serveFake } from '@nv2/testkit';
import { type Serving, startServing } from '../child.ts';
import { peer } from '../peers.ts';

/** A responder that serves until it is stopped. */
export interface Responder extends Pick<Serving, 'stop'> {
  readonly url: string;
}

/** For whom a responder answers, and as whom. */
export interface ResponderOptions {
  /** Name of the database; default `index.txt`. */
  readonly index?: string;
  /** Name of the CA's certificate `<ca>.pem`; default `ca`. */
  readonly ca?: string;
  /** Names of `<signer>.pem` and `<signer>.key`; default: the CA. */
  readonly signer?: string;
  /** Default 5; null leaves the time of the next update out. */
  readonly minutes?: number | null;
  /** Whether the signer's certificate is in the answers; default: it is. */
  readonly enclosed?: boolean;
}

/** Starts a responder on the files of a directory. It takes a free port by itself. */
export async function startResponder(
  dir: string,
  options: ResponderOptions = {},
): Promise<Responder> {
  const { index = 'index.txt', ca = 'ca', signer = ca, minutes = 5, enclosed = true } = options;
  const path = (name: string): string => join(dir, name);
  const { port, stop } = await startServing(
    await peer('openssl'),
    [
      ...['ocsp', '-port', '0', '-ignore_err', '-index', path(index), '-CA', path(`${ca}.pem`)],
      ...['-rsigner', path(`${signer}.pem`), '-rkey', path(`${signer}.key`)],
      ...(minutes === null ? [] : ['-nmin', String(minutes)]),
      ...(enclosed ? [] : ['-resp_no_certs']),
    ],
    /ACCEPT .*:(\d+)/,
  );
  const front = await serveFake(oneByOne((asked) => forward(asked, port)));
  return {
    url: front.url.href,
    stop: async () => {
      await Promise.all([front.close(), stop()]);
    },
  };
}

/**
 * Requests go on one after the other: openssl reads one connection at a time, without a time limit,
 * so that a client that connects and says nothing would stop it for all others.
 */
function oneByOne(handler: FakeHandler): FakeHandler {
  let last: Promise<unknown> = Promise.resolve();
  return (asked) => {
    const answer = last.then(() => handler(asked));
    last = answer.catch(() => undefined);
    return answer;
  };
}

async function forward(
  { method, url, headers, body }: FakeRequest,
  port: number,
): Promise<FakeResponse> {
  const type = headers['content-type'];
  const request = http.request({
    ...{ host: '127.0.0.1', port, path: url.pathname, method, agent: false },
    headers: { ...(type && { 'content-type': type }), 'content-length': body.length },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array);
  return {
    status: response.statusCode ?? 502,
    headers: { 'content-type': response.headers['content-type'] ?? '' },
    body: new Uint8Array(Buffer.concat(chunks)),
  };
}
