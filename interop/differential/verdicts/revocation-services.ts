// The responders and lists that the signing certificates name: openssl where it can, testkit where
// it cannot.
import { join } from 'node:path';
import { decodeBase64 } from '@nv2/core';
import {
  type FakeHandler,
  makeCrl,
  makeOcspError,
  makeOcspResponse,
  readOcspRequest,
  serveFake,
} from '@nv2/testkit';
import { startAll } from '../../child.ts';
import { CA, issue, type Member, RESPONDER, writeMember } from '../../services/authority.ts';
import { type DatabaseEntry, makeOpensslCrl, writeDatabase } from '../../services/openssl-ca.ts';
import { type Responder, startResponder } from '../../services/openssl-ocsp.ts';
import type { DatabaseState, LISTS, RESPONDERS, RevocationState } from './revocation-states.ts';

/** A certificate that the services are to know. */
export interface KnownCertificate {
  readonly serialNumber: Uint8Array;
  readonly database: DatabaseState;
  readonly delta?: RevocationState['delta'];
}

/** The services, started. */
export interface RevocationServices {
  readonly responders: Readonly<Record<(typeof RESPONDERS)[number], string>>;
  readonly lists: Readonly<Record<(typeof LISTS)[number], string>>;
  /** Of the root, for certificates of CAs. */
  readonly rootResponder: string;
  stop(): Promise<void>;
}

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const BASE_NUMBER = 7;

/** Who issued the certificates. */
export interface Issuers {
  readonly root: Member;
  readonly ca: Member;
}

/** Starts all services, on files in `dir`. */
export async function startRevocationServices(
  dir: string,
  { root, ca }: Issuers,
  known: {
    readonly ofCa: readonly KnownCertificate[];
    readonly ofRoot: readonly KnownCertificate[];
  },
): Promise<RevocationServices> {
  const now = Date.now();
  await writeMembers(dir, { root, ca });
  await writeDatabase(join(dir, 'index.txt'), entries(known.ofCa, now));
  await writeDatabase(join(dir, 'root-index.txt'), entries(known.ofRoot, now));
  const [files, ...responders] = await startAll(
    startFiles(dir, { ca, known: known.ofCa, now }),
    startResponder(dir, { enclosed: false }),
    startResponder(dir),
    startResponder(dir, { signer: 'responder' }),
    startResponder(dir, { signer: 'no-responder' }),
    startResponder(dir, { signer: 'stranger' }),
    startResponder(dir, { minutes: null, enclosed: false }),
    startResponder(dir, { index: 'root-index.txt', ca: 'root', enclosed: false }),
  );
  const [own, enclosing, delegated, unfit, stranger, endless, ofRoot] = responders.map(
    ({ url }) => url,
  );
  const at = (path: string): string => new URL(path, files.url).href;
  return {
    responders: {
      openssl: String(own),
      'openssl, enclosing its certificate': String(enclosing),
      'openssl, delegated': String(delegated),
      'openssl, not for OCSP': String(unfit),
      'openssl, a stranger': String(stranger),
      'openssl, no next update': String(endless),
      'expired answer': at('expired-answer'),
      'try later': at('try-later'),
      'not there': at('nothing'),
    },
    lists: {
      openssl: at('openssl.crl'),
      'openssl, expired': at('expired.crl'),
      'openssl, of a stranger': at('stranger.crl'),
      'openssl, with delta': at('base.crl'),
      'openssl, with missing delta': at('incomplete.crl'),
      'not there': at('nothing.crl'),
    },
    rootResponder: String(ofRoot),
    stop: async () => {
      await Promise.all([files, ...responders].map((one) => one.stop()));
    },
  };
}

async function writeMembers(dir: string, { root, ca }: Issuers): Promise<void> {
  const responder = await issue('responder', { issuer: ca, changes: RESPONDER });
  const keyUsage = ['digitalSignature'] as const;
  const unfit = await issue('no responder', { issuer: ca, changes: { keyUsage } });
  // of the same name, so that only the signature is another's
  const stranger = await issue('issuer', { changes: CA });
  const members = { root, ca, responder, 'no-responder': unfit, stranger };
  for (const [name, member] of Object.entries(members)) await writeMember(dir, name, member);
}

function entries(known: readonly KnownCertificate[], now: number): DatabaseEntry[] {
  return known
    .filter(({ database }) => database !== 'absent')
    .map(({ serialNumber, database }) => ({ serialNumber, ...revocationOf(database, now) }));
}

function revocationOf(state: DatabaseState, now: number): Pick<DatabaseEntry, 'revoked'> {
  const at = now - 5 * MINUTE;
  switch (state) {
    case 'revoked':
      return { revoked: { at, reason: 'superseded' } };
    case 'on hold':
      return { revoked: { at, reason: 'certificateHold' } };
    case 'invalid since signing':
      return { revoked: { at, reason: 'keyCompromise', invalidityDate: now - 10 * MINUTE } };
    default:
      return {};
  }
}

interface Files {
  readonly ca: Member;
  readonly known: readonly KnownCertificate[];
  readonly now: number;
}

/** Serves the lists, and the answers that openssl does not give. */
async function startFiles(dir: string, files: Files): Promise<Responder> {
  const lists = new Map<string, Uint8Array>();
  const server = await serveFake(handlerOf(lists, files));
  const freshest = (path: string): readonly string[] => [
    `freshestCRL=URI:${new URL(path, server.url).href}`,
  ];
  const make = async (
    path: string,
    options: Parameters<typeof makeOpensslCrl>[1],
  ): Promise<void> => {
    lists.set(path, await makeOpensslCrl(dir, options));
  };
  const { now } = files;
  await make('/openssl.crl', {});
  await make('/expired.crl', { thisUpdate: now - 2 * HOUR, nextUpdate: now - HOUR });
  await make('/stranger.crl', { signer: 'stranger' });
  await make('/base.crl', { crlNumber: BASE_NUMBER, extensions: freshest('delta.crl') });
  await make('/incomplete.crl', { crlNumber: BASE_NUMBER, extensions: freshest('nothing.crl') });
  lists.set('/delta.crl', await makeDelta(files));
  return { url: server.url.href, stop: () => server.close() };
}

async function makeDelta({ ca, known, now }: Files): Promise<Uint8Array> {
  const changed = known.filter(({ delta }) => delta !== undefined);
  return await makeCrl({
    issuer: ca,
    thisUpdate: now - MINUTE,
    crlNumber: BASE_NUMBER + 1,
    baseCrlNumber: BASE_NUMBER,
    entries: changed.map(({ serialNumber, delta }) => ({
      serialNumber,
      revokedAt: now - 2 * MINUTE,
      // RFC 5280 5.3.1: removeFromCRL, or keyCompromise
      reasonCode: delta === 'removed' ? 8 : 1,
    })),
  });
}

function handlerOf(lists: ReadonlyMap<string, Uint8Array>, { ca, now }: Files): FakeHandler {
  const headers = { 'content-type': 'application/ocsp-response' };
  return async ({ url }) => {
    const list = lists.get(url.pathname);
    if (list !== undefined) return { status: 200, body: list };
    const [, service, request = ''] = url.pathname.split('/', 3);
    if (service === 'try-later') return { status: 200, headers, body: makeOcspError(3) };
    if (service !== 'expired-answer') return { status: 404 };
    const certificate = readOcspRequest(decodeBase64(decodeURIComponent(request)));
    const answers = [{ certificate, thisUpdate: now - 2 * HOUR, nextUpdate: now - HOUR }];
    return { status: 200, headers, body: await makeOcspResponse({ issuer: ca, answers }) };
  };
}
