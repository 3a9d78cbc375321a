import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@nv2/core';
import {
  crlDistributionPoints,
  type FakeHandler,
  type FakeServer,
  makeChain,
  makeCrl,
  makeTsa,
  serveFake,
  type TestTsa,
  timestampingUsage,
} from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';

/** Signed by itself, and no certificate authority. */
const NOT_ROOT = { algorithm: { kind: 'ec', curve: 'P-256' }, depth: 1 } as const;

const REPLY = 'application/timestamp-reply';

type Misdeed = (tsa: TestTsa, request: Uint8Array) => Promise<Uint8Array>;

// by the path of the request
const MISDEEDS: Readonly<Record<string, Misdeed>> = {
  '/junk': () => Promise.resolve(Uint8Array.of(1, 2, 3)),
  '/empty': () => Promise.resolve(new Uint8Array()),
  '/large': () => Promise.resolve(new Uint8Array(1024 * 1024 + 1)),
  '/rejects': (tsa, request) => tsa.answer(request, { status: 'rejection' }),
  '/nonce': (tsa, request) => tsa.answer(request, { info: { nonce: Uint8Array.of(7) } }),
  '/nonceless': (tsa, request) => tsa.answer(request, { info: { nonce: undefined } }),
  '/bare': (tsa, request) => tsa.answer(request, { withoutToken: true }),
  '/imprint': (tsa, request) => {
    const imprint = { hash: 'sha256', hashedMessage: new Uint8Array(32) } as const;
    return tsa.answer(request, { info: { imprint } });
  },
};

/**
 * A timestamp authority on loopback that does something wrong where the path says so. Its root is
 * in `tsa.pem` of the directory; beside it are roots and files that are not. Two others answer at
 * `/revoked` and `/unsure`, whose CRLs revoke them or are not there: `revoked.pem` and `unsure.pem`.
 */
export async function startTimestampServer(dir: string): Promise<FakeServer> {
  let handler: FakeHandler = () => ({ status: 503 });
  const server = await serveFake((request) => handler(request));
  const withCrl = (path: string): Promise<TestTsa> => {
    const crl = crlDistributionPoints(`http://${server.host}${path}`);
    return makeTsa({ leaf: { extensions: [timestampingUsage(), crl] } });
  };
  const tsa = await makeTsa();
  const revoked = await withCrl('/revoked.crl');
  const unsure = await withCrl('/missing');
  const other = await makeTsa();
  const write = (name: string, ...certificates: readonly Certificate[]): Promise<void> =>
    writeFile(
      join(dir, name),
      certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join(''),
    );
  await Promise.all([
    write('tsa.pem', tsa.root),
    write('other.pem', other.root),
    write('revoked.pem', revoked.root),
    write('unsure.pem', unsure.root),
    write('pair.pem', tsa.root, other.root),
    write('leaf.pem', ...tsa.chain.slice(0, 1)),
    write('empty.pem'),
    write('not-root.pem', ...(await makeChain(NOT_ROOT)).chain),
  ]);
  const authorities: Readonly<Record<string, TestTsa>> = { '/revoked': revoked, '/unsure': unsure };
  handler = async ({ url, body }) => {
    if (url.pathname === '/missing') return { status: 404 };
    if (url.pathname === '/revoked.crl') return { status: 200, body: await crlAgainst(revoked) };
    const misdeed = MISDEEDS[url.pathname];
    const asked = authorities[url.pathname] ?? tsa;
    const reply = await (misdeed === undefined ? asked.answer(body) : misdeed(tsa, body));
    const type = url.pathname === '/html' ? 'text/html' : REPLY;
    return { status: 200, headers: { 'content-type': type }, body: reply };
  };
  return server;
}

async function crlAgainst({ chain, authorities }: TestTsa): Promise<Uint8Array> {
  const [leaf, issuer] = [chain[0], authorities[0]];
  if (leaf === undefined || issuer === undefined) throw new TypeError('a chain without issuer');
  const thisUpdate = Date.now() - 1000;
  const entries = [{ serialNumber: leaf.serialNumber, revokedAt: thisUpdate }];
  return await makeCrl({ issuer, thisUpdate, entries });
}
