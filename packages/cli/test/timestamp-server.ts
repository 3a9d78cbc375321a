import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@nv2/core';
import { type FakeServer, makeChain, makeTsa, serveFake, type TestTsa } from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';

/** Signed by itself, and no certificate authority. */
const NOT_ROOT = { algorithm: { kind: 'ec', curve: 'P-256' }, depth: 1 } as const;

const REPLY = 'application/timestamp-reply';

type Misdeed = (tsa: TestTsa, request: Uint8Array) => Promise<Uint8Array>;

// by the path of the request
const MISDEEDS: Readonly<Record<string, Misdeed>> = {
  '/junk': () => Promise.resolve(Uint8Array.of(1, 2, 3)),
  '/rejects': (tsa, request) => tsa.answer(request, { status: 'rejection' }),
  '/nonce': (tsa, request) => tsa.answer(request, { info: { nonce: Uint8Array.of(7) } }),
};

/**
 * A timestamp authority on loopback that does something wrong where the path says so. Its root is
 * in `tsa.pem` of the directory; beside it are roots and files that are not.
 */
export async function startTimestampServer(dir: string): Promise<FakeServer> {
  const tsa = await makeTsa();
  const other = await makeTsa();
  const write = (name: string, ...certificates: readonly Certificate[]): Promise<void> =>
    writeFile(
      join(dir, name),
      certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join(''),
    );
  await Promise.all([
    write('tsa.pem', tsa.root),
    write('other.pem', other.root),
    write('pair.pem', tsa.root, other.root),
    write('leaf.pem', ...tsa.chain.slice(0, 1)),
    write('empty.pem'),
    write('not-root.pem', ...(await makeChain(NOT_ROOT)).chain),
  ]);
  return await serveFake(async ({ url, body }) => {
    if (url.pathname === '/missing') return { status: 404 };
    const misdeed = MISDEEDS[url.pathname];
    const reply = await (misdeed === undefined ? tsa.answer(body) : misdeed(tsa, body));
    const type = url.pathname === '/html' ? 'text/html' : REPLY;
    return { status: 200, headers: { 'content-type': type }, body: reply };
  });
}
