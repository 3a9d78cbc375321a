// `openssl ts` behind a small HTTP server.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FakeServer, makeTsa, serveFake } from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';
import { execute } from '../execute.ts';
import { peer } from '../peers.ts';
import { writeMember, writePem } from './authority.ts';

/** A timestamp authority that can be asked over HTTP. */
export interface Authority {
  readonly url: string;
  readonly root: Certificate;
  stop(): Promise<void>;
}

const CONFIG = `[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
accuracy = secs:1
`;

/** Starts an authority with a new chain of three; its files go into the directory. */
export async function startOpensslTsa(dir: string): Promise<Authority> {
  const { chain, root, leafKey, leafPkcs8 } = await makeTsa();
  const [certificate, ...issuers] = chain;
  if (certificate === undefined) throw new Error('an authority has a certificate');
  await writeMember(dir, 'tsa', { key: leafKey, pkcs8: leafPkcs8, certificate });
  await writePem(join(dir, 'tsa-chain.pem'), ...issuers);
  const server = await serve(dir);
  return { url: server.url.href, root, stop: () => server.close() };
}

async function serve(dir: string): Promise<FakeServer> {
  return await serveFake(async ({ headers, body }) => {
    if (headers['content-type'] !== 'application/timestamp-query') return { status: 415 };
    const reply = await answer(dir, body);
    return {
      status: 200,
      headers: { 'content-type': 'application/timestamp-reply' },
      body: reply,
    };
  });
}

/** Each request in a directory of its own: several may come at once. */
async function answer(dir: string, query: Uint8Array): Promise<Uint8Array> {
  const cwd = await mkdtemp(join(dir, 'query-'));
  await writeFile(join(cwd, 'query'), query);
  await writeFile(join(cwd, 'serial'), '1000\n');
  await writeFile(join(cwd, 'tsa.cnf'), CONFIG);
  const files = ['-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'query', '-out', 'reply'];
  const signing = ['-signer', '../tsa.pem', '-inkey', '../tsa.key', '-chain', '../tsa-chain.pem'];
  await execute(await peer('openssl'), ['ts', '-reply', ...files, ...signing], { cwd });
  return new Uint8Array(await readFile(join(cwd, 'reply')));
}
