// Signatures verified with the services of others around them: openssl as OCSP responder, CA and
// timestamp authority, and Sigstore's timestamp-server.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { localSigner } from '@nv2/envelope';
import { createHttpClient, type HttpClient, type NodeTransport, nodeTransport } from '@nv2/http';
import {
  directoryTrustStore,
  NotaryError,
  onlineRevocation,
  type Timestamper,
  timestampAuthority,
  type Verdict,
} from '@nv2/notary';
import { signNow, testImage, testPolicy, verdictOf } from '../packages/notary/test/fixture.ts';
import { makeWorld, type World } from './differential/verdicts/world.ts';
import { skipWithoutPeers } from './peers.ts';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

const skip = await skipWithoutPeers('openssl', 'timestamp-server');

/** What is found out about a certificate in each state, how long from now, and why. */
const STATES: readonly {
  readonly state: string;
  readonly after?: number;
  readonly outcome: Verdict['outcome'];
  readonly code?: string;
  /** What the service did, where it is unknown. */
  readonly why?: string;
}[] = [
  { state: 'OCSP good', outcome: 'verified' },
  { state: 'OCSP revoked', outcome: 'denied', code: 'NOTARY_CERTIFICATE_REVOKED' },
  { state: 'OCSP on hold', outcome: 'denied', code: 'NOTARY_CERTIFICATE_REVOKED' },
  unknown('OCSP unknown', 'X509_OCSP_UNKNOWN'),
  { ...unknown('OCSP good', 'X509_OCSP_EXPIRED'), after: 10 * MINUTE },
  unknown('OCSP without next update', 'X509_OCSP_EXPIRED'),
  unknown('OCSP by a stranger', 'X509_OCSP_SIGNATURE'),
  { state: 'OCSP delegated, good', outcome: 'verified' },
  { state: 'OCSP delegated, revoked', outcome: 'denied', code: 'NOTARY_CERTIFICATE_REVOKED' },
  unknown('OCSP by a certificate not for OCSP', 'X509_OCSP_RESPONDER'),
  { state: 'CRL good', outcome: 'verified' },
  { state: 'CRL revoked', outcome: 'denied', code: 'NOTARY_CERTIFICATE_REVOKED' },
  unknown('CRL expired', 'X509_CRL_EXPIRED'),
  { ...unknown('CRL good', 'X509_CRL_EXPIRED'), after: 2 * 60 * MINUTE },
  unknown('CRL of a stranger', 'X509_CRL_SIGNATURE'),
  { state: 'CRL with delta, good', outcome: 'verified' },
  { state: 'CRL with delta, revoked', outcome: 'denied', code: 'NOTARY_CERTIFICATE_REVOKED' },
  { state: 'CRL with delta, removed', outcome: 'verified' },
  unknown('CRL with missing delta', 'NOTARY_REVOCATION_SERVICE'),
  { state: 'OCSP unknown, CRL good', outcome: 'verified' },
  { state: 'issuer revoked', outcome: 'denied', code: 'NOTARY_CERTIFICATE_REVOKED' },
];

function unknown(state: string, why: string) {
  const code = 'NOTARY_REVOCATION_UNKNOWN';
  return { state, outcome: 'unavailable', code, why } as const;
}

describe('with the services of others', { skip }, () => {
  let dir = '';
  let world: World;
  let transport: NodeTransport;
  let client: HttpClient;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nv2-services-'));
    world = await makeWorld(dir);
    transport = nodeTransport({});
    client = createHttpClient({ transport, userAgent: 'nv2-interop' });
  });

  after(async () => {
    transport.close();
    await world.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** The verdict on an image signed now, `after` so many milliseconds. */
  async function judge(
    state: string,
    options: {
      readonly after?: number | undefined;
      readonly timestamp?: Timestamper;
      readonly policy?: object;
    } = {},
  ): Promise<Verdict & { readonly code?: string }> {
    const { after: later = 0, timestamp, policy } = options;
    const chain = await world.chainOf({ revocation: state, validity: 'valid' });
    const { target } = testImage();
    const by = { signer: localSigner(world.leaf.key, chain), chain, root: world.root };
    const now = Date.now();
    await signNow(target, by, { now: () => new Date(now), ...(timestamp && { timestamp }) });
    return await verdictOf(target, {
      trustStore: directoryTrustStore(world.trustStore),
      policy: testPolicy({ trustStores: ['ca:root'], ...policy }),
      revocation: onlineRevocation({ client }),
      now: () => new Date(now + later),
    });
  }

  for (const { state, after: later, outcome, code, why } of STATES) {
    const when = later === undefined ? '' : `, ${later / MINUTE} minutes later`;
    test(`${state}${when}: ${outcome}`, async () => {
      const verdict = await judge(state, { after: later });
      const cause = verdict.signatures[0]?.cause;
      assert.equal(verdict.outcome, outcome, cause?.message);
      assert.equal(cause?.code, code);
      const questions = (cause?.data?.['questions'] ?? []) as readonly {
        cause: { code: string };
      }[];
      assert.equal(questions[0]?.cause.code, why);
    });
  }

  for (const name of ['openssl ts', 'timestamp-server'] as const) {
    const timestamp = (): Timestamper =>
      timestampAuthority({ ...world.timestamps.foreign[name], client });
    const expired = 60 * DAY;

    test(`with a timestamp of ${name}, a signature outlives its certificate`, async () => {
      for (const verifyTimestamp of ['always', 'afterCertExpiry']) {
        const policy = {
          trustStores: ['ca:root', 'tsa:right'],
          signatureVerification: { level: 'strict', verifyTimestamp },
        };
        const options = { timestamp: timestamp(), policy, after: expired };
        assert.equal((await judge('no service', options)).outcome, 'verified');
      }
    });

    test(`the timestamp of ${name} is of no use where nobody trusts it`, async () => {
      for (const [trustStores, code] of [
        [['ca:root'], 'NOTARY_CERTIFICATE_EXPIRED'],
        [['ca:root', 'tsa:wrong'], 'X509_TIMESTAMP_UNTRUSTED'],
      ] as const) {
        const options = { timestamp: timestamp(), policy: { trustStores }, after: expired };
        const verdict = await judge('no service', options);
        assert.equal(verdict.signatures[0]?.cause?.code, code);
      }
    });

    test(`an answer of ${name} is refused at signing if its root is not the one given`, async () => {
      const { url } = world.timestamps.foreign[name];
      const stranger = timestampAuthority({ url, root: world.root, client });
      await assert.rejects(judge('no service', { timestamp: stranger }), (error) => {
        assert.ok(error instanceof NotaryError);
        assert.equal(error.code, 'NOTARY_TIMESTAMP_SERVICE');
        assert.equal(error.data['causeCode'], 'X509_TIMESTAMP_UNTRUSTED');
        return true;
      });
    });
  }
});
