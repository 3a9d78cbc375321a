import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { encodePem } from '@nv2/core';
import {
  crlDistributionPoints,
  type FakeRequest,
  type FakeResponse,
  type FakeServer,
  makeChain,
  makeCrl,
  makeOcspResponse,
  ocspAccess,
  readOcspRequest,
  type ScriptCommand,
  serveFake,
  type TestChain,
} from '@nv2/testkit';

type Service = 'leaf' | 'intermediate' | 'ocsp';
type State = 'good' | 'revoked' | 'unknown' | 'expired' | 'down';

/** Chains whose certificates name services of a server on loopback, and the server. */
export interface RevocationServer extends FakeServer {
  /** `services leaf=revoked ocsp=down`: what the services say from now on. */
  readonly command: ScriptCommand;
  /** `keep leaf good kept/leaf.crl`: writes what a service would say to a file, as PEM if it is `.pem`. */
  readonly keep: ScriptCommand;
}

const EC = { kind: 'ec', curve: 'P-256' } as const;
const EXPIRED = Date.UTC(2023, 11, 25, 8, 15, 42);
const DOWN: FakeResponse = { status: 404 };

/**
 * Services that say whether certificates were revoked. `crl.key` and `crl.crt` in `revocable` of the
 * directory sign with a leaf that names a CRL and an intermediate that names OCSP and a CRL;
 * `ocsp.key` and `ocsp.crt` with a leaf that names OCSP alone. Their roots are beside them.
 */
export async function startRevocationServer(dir: string): Promise<RevocationServer> {
  const states: Record<Service, State> = { leaf: 'good', intermediate: 'good', ocsp: 'good' };
  let answer = (_: FakeRequest): Promise<FakeResponse> => Promise.resolve(DOWN);
  const server = await serveFake((request) => answer(request));
  const at = (path: string): string => `http://${server.host}/${path}`;
  const crl = await makeChain({
    algorithm: EC,
    depth: 3,
    commonName: 'crl leaf',
    leaf: { extensions: [crlDistributionPoints(at('leaf.crl'))] },
    intermediate: {
      extensions: [ocspAccess(at('ocsp')), crlDistributionPoints(at('intermediate.crl'))],
    },
  });
  const ocsp = await makeChain({
    algorithm: EC,
    commonName: 'ocsp leaf',
    leaf: { extensions: [ocspAccess(at('ocsp'))] },
  });
  await mkdir(join(dir, 'revocable'));
  await Promise.all([store(dir, 'crl', crl), store(dir, 'ocsp', ocsp)]);
  answer = (request) => {
    switch (request.url.pathname) {
      case '/leaf.crl':
        return crlOf(crl, { index: 0, state: states.leaf });
      case '/intermediate.crl':
        return crlOf(crl, { index: 1, state: states.intermediate });
      default:
        return ocspOf(request, [crl, ocsp], states.ocsp);
    }
  };
  return {
    ...server,
    command: async ({ args }) => {
      for (const [service, state] of args.map((arg) => arg.split('='))) {
        states[service as Service] = state as State;
      }
      return { stdout: '', stderr: '', exitCode: 0 };
    },
    keep: async ({ args }) => {
      const [service, state, file = ''] = args as [Service, State, string];
      const der = await keptAnswer(service, state, { crl, ocsp });
      const path = join(dir, file);
      await mkdir(dirname(path), { recursive: true });
      const label = service === 'ocsp' ? 'OCSP RESPONSE' : 'X509 CRL';
      await writeFile(path, extname(path) === '.pem' ? encodePem(label, der) : der);
      return { stdout: '', stderr: '', exitCode: 0 };
    },
  };
}

async function keptAnswer(
  service: Service,
  state: State,
  { crl, ocsp }: { readonly crl: TestChain; readonly ocsp: TestChain },
): Promise<Uint8Array> {
  const index = service === 'intermediate' ? 1 : 0;
  const [leaf] = ocsp.chain;
  const answer =
    service === 'ocsp' && leaf !== undefined
      ? await ocspAnswer([ocsp], leaf.serialNumber, state)
      : await crlOf(crl, { index, state });
  return new Uint8Array(Buffer.from(answer.body ?? ''));
}

async function store(dir: string, name: string, made: TestChain): Promise<void> {
  const write = (file: string, text: string): Promise<void> =>
    writeFile(join(dir, 'revocable', file), text, { mode: 0o600 });
  const pem = made.chain.map(({ der }) => encodePem('CERTIFICATE', der));
  await write(`${name}.key`, encodePem('PRIVATE KEY', made.leafPkcs8));
  await write(`${name}.crt`, pem.join(''));
  await write(`${name}-root.crt`, pem.at(-1) ?? '');
}

async function crlOf(
  made: TestChain,
  { index, state }: { readonly index: number; readonly state: State },
): Promise<FakeResponse> {
  const certificate = made.chain[index];
  const issuer = made.authorities[index];
  if (certificate === undefined || issuer === undefined || state === 'down') return DOWN;
  const thisUpdate = state === 'expired' ? EXPIRED - 1000 : Date.now() - 1000;
  const entry = { serialNumber: certificate.serialNumber, revokedAt: thisUpdate };
  const entries = state === 'revoked' ? [entry] : [];
  const nextUpdate = state === 'expired' ? EXPIRED : thisUpdate + 3_600_000;
  const body = await makeCrl({ issuer, thisUpdate, nextUpdate, entries });
  return { status: 200, headers: { 'content-type': 'application/pkix-crl' }, body };
}

async function ocspOf(
  { method, url, body }: FakeRequest,
  chains: readonly TestChain[],
  state: State,
): Promise<FakeResponse> {
  if (state === 'down') return DOWN;
  const encoded = decodeURIComponent(url.pathname.replace('/ocsp/', ''));
  const der = method === 'POST' ? body : new Uint8Array(Buffer.from(encoded, 'base64'));
  return ocspAnswer(chains, readOcspRequest(der).serialNumber, state);
}

async function ocspAnswer(
  chains: readonly TestChain[],
  serialNumber: Uint8Array,
  state: State,
): Promise<FakeResponse> {
  const number = Buffer.from(serialNumber);
  for (const { chain, authorities } of chains) {
    const index = chain.findIndex((one) => number.equals(one.serialNumber));
    const [certificate, issuer] = [chain[index], authorities[index]];
    if (certificate === undefined || issuer === undefined) continue;
    const thisUpdate = Date.now() - 1000;
    const status =
      state === 'revoked' ? { revokedAt: thisUpdate } : state === 'unknown' ? 'unknown' : 'good';
    const answers = [{ certificate, status, thisUpdate } as const];
    return {
      status: 200,
      headers: { 'content-type': 'application/ocsp-response', 'set-cookie': 'session=secret' },
      body: await makeOcspResponse({ issuer, answers }),
    };
  }
  return DOWN;
}
