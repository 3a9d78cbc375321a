// Timestamps for signatures: of openssl, of Sigstore's server, and of testkit what those do not make.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBase64 } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { timestampAuthority } from '@nv2/notary';
import {
  makeOcspResponse,
  makeTsa,
  ocspAccess,
  readOcspRequest,
  serveFake,
  type TestTsa,
  timestampingUsage,
} from '@nv2/testkit';
import { type Certificate, EXTENDED_KEY_USAGE } from '@nv2/x509';
import { startAll } from '../../child.ts';
import { type Authority, startOpensslTsa } from '../../services/openssl-ts.ts';
import { startTimestampServer } from '../../services/timestamp-server.ts';
import type { VerdictCase } from './dimensions.ts';

/** Gives a timestamp for a signature by the leaf certificate. */
type Stamp = (signature: Uint8Array, leaf: Certificate) => Promise<Uint8Array>;

/** All authorities, started. */
export interface Timestamps {
  /** What a store needs that trusts them all. */
  readonly roots: readonly Certificate[];
  /** Those that are no work of ours. */
  readonly foreign: Readonly<Record<'openssl ts' | 'timestamp-server', Authority>>;
  readonly stamps: Readonly<Record<VerdictCase['timestamp'], Stamp | undefined>>;
  stop(): Promise<void>;
}

const HOUR = 60 * 60 * 1000;

/** Starts the authorities, on files in `dir`. */
export async function startTimestamps(dir: string): Promise<Timestamps> {
  const transport = nodeTransport({});
  const client = createHttpClient({ transport, userAgent: 'nv2-interop' });
  await mkdir(join(dir, 'tsa'));
  const [openssl, sigstore, own] = await startAll(
    startOpensslTsa(join(dir, 'tsa')),
    startTimestampServer(),
    startOwn(),
  );
  const from = (options: { readonly url: string; readonly root: Certificate }): Stamp => {
    const stamp = timestampAuthority({ ...options, client });
    return (signature) => stamp(signature, { hash: 'sha256' });
  };
  return {
    roots: [openssl.root, sigstore.root, ...own.roots],
    foreign: { 'openssl ts': openssl, 'timestamp-server': sigstore },
    stamps: {
      none: undefined,
      'openssl ts': from(openssl),
      'timestamp-server': from(sigstore),
      ...own.stamps,
    },
    stop: async () => {
      transport.close();
      await Promise.all([openssl.stop(), sigstore.stop(), own.stop()]);
    },
  };
}

async function startOwn(): Promise<{
  readonly roots: readonly Certificate[];
  readonly stamps: Omit<Timestamps['stamps'], 'none' | 'openssl ts' | 'timestamp-server'>;
  stop(): Promise<void>;
}> {
  const good = await makeTsa();
  const past = await makeTsa({ now: new Date(Date.now() - 300 * 24 * HOUR) });
  const purposes = [EXTENDED_KEY_USAGE.timeStamping, EXTENDED_KEY_USAGE.codeSigning];
  const unfit = await makeTsa({ leaf: { extensions: [timestampingUsage(purposes)] } });
  const revoked = await startRevoked();
  const within = (leaf: Certificate): number => leaf.notBefore + HOUR;
  return {
    roots: [good, past, unfit, revoked.tsa, revoked.lost].map(({ root }) => root),
    stamps: {
      'when the certificate was valid': (signature, leaf) =>
        past.token(signature, { time: within(leaf) }),
      'after the certificate expired': (signature, leaf) =>
        past.token(signature, { time: leaf.notAfter + HOUR }),
      'of another signature': (signature, leaf) =>
        past.token(signature.toReversed(), { time: within(leaf) }),
      'of a revoked authority': (signature) => revoked.tsa.token(signature),
      'of an authority of unknown state': (signature) => revoked.lost.token(signature),
      'of an authority for other purposes': (signature) => unfit.token(signature),
      // a good one: what was signed with it is damaged afterwards
      damaged: (signature) => good.token(signature),
    },
    stop: () => revoked.stop(),
  };
}

/** An authority whose responder says that it is revoked, and one whose responder is not there. */
async function startRevoked(): Promise<{
  readonly tsa: TestTsa;
  readonly lost: TestTsa;
  stop(): Promise<void>;
}> {
  const authorities: TestTsa[] = [];
  const server = await serveFake(async ({ url }) => {
    const [, service, request = ''] = url.pathname.split('/', 3);
    const issuer = authorities[0]?.authorities[0];
    if (service !== 'revoked' || issuer === undefined) return { status: 404 };
    const certificate = readOcspRequest(decodeBase64(decodeURIComponent(request)));
    const thisUpdate = Date.now() - HOUR;
    const status = { revokedAt: thisUpdate, reason: 1 };
    const answers = [{ certificate, status, thisUpdate, nextUpdate: Date.now() + HOUR }];
    const headers = { 'content-type': 'application/ocsp-response' };
    return { status: 200, headers, body: await makeOcspResponse({ issuer, answers }) };
  });
  const naming = (path: string): Promise<TestTsa> =>
    makeTsa({
      leaf: { extensions: [timestampingUsage(), ocspAccess(new URL(path, server.url).href)] },
    });
  const tsa = await naming('revoked');
  authorities.push(tsa);
  return { tsa, lost: await naming('nothing'), stop: () => server.close() };
}
