import { type CryptoPort, defaultCrypto, encodeUtf8 } from '@nv2/core';
import {
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  signEnvelope,
} from '@nv2/envelope';
import { createHttpClient, type HttpClient } from '@nv2/http';
import {
  type BlobContent,
  CAPABILITY,
  type CrlCache,
  memoryTrustStore,
  onlineRevocation,
  type PluginFinder,
  parseBlobTrustPolicy,
  type TrustStore,
  type Verdict,
  VerificationError,
  verify,
  verifyBlob,
} from '@nv2/notary';
import { type ArtifactSource, type Descriptor, describeContent } from '@nv2/oci';
import {
  crlDistributionPoints,
  type FakeResponse,
  fakeTransport,
  makeChain,
  makeCrl,
  makeTsa,
  type TestChain,
} from '@nv2/testkit';
import { fakePlugin, finderOf } from './fake-plugin.ts';
import { NOW, storeEnvelope, testImage, testPolicy } from './fixture.ts';

/** All that a verification is given from outside. */
export interface Ports {
  readonly source: ArtifactSource;
  readonly content: BlobContent;
  readonly trustStore: TrustStore;
  readonly crypto: CryptoPort;
  readonly now: () => Date;
  readonly client: HttpClient;
  readonly crlCache: CrlCache;
  readonly plugins: PluginFinder;
  readonly log: () => void;
}

/** Something to verify that needs every port, and the ports. */
export interface World {
  readonly ports: Ports;
  /** Verifies an image, and a blob, through these ports. */
  readonly judges: readonly ((ports: Ports) => Promise<unknown>)[];
}

/** What makes the answer a no. */
export interface Spoiled {
  readonly untrusted?: boolean;
  readonly revoked?: boolean;
  readonly authorityRevoked?: boolean;
  readonly otherTimestamp?: boolean;
  readonly pluginRefuses?: boolean;
  readonly otherContent?: boolean;
}

const AT = NOW.getTime();
const BLOB = encodeUtf8('content');
const STORES = { trustStores: ['ca:acme', 'tsa:acme'], trustedIdentities: ['*'] };
const LEVEL = { signatureVerification: { level: 'strict' } };
const BLOB_POLICY = parseBlobTrustPolicy(
  encodeUtf8(
    JSON.stringify({
      version: '1.0',
      trustPolicies: [{ name: 'all', globalPolicy: true, ...LEVEL, ...STORES }],
    }),
  ),
);

const signing = await makeChain({
  algorithm: { kind: 'ec', curve: 'P-256' },
  now: NOW,
  leaf: { extensions: [crlDistributionPoints('http://crl.example/signer')] },
});
const authority = await makeTsa({
  now: NOW,
  time: () => AT,
  intermediate: { extensions: [crlDistributionPoints('http://crl.example/authority')] },
});
const stranger = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW });

/** A world in which the answer is a yes, but for what is spoiled. */
export async function faultWorld(spoiled: Spoiled): Promise<World> {
  const { target, subject } = testImage();
  const blob = describeContent(BLOB, 'application/octet-stream');
  await storeEnvelope(target, subject, { bytes: await sign(subject, spoiled) });
  const signature = { bytes: await sign(blob, spoiled), mediaType: JWS_MEDIA_TYPE } as const;
  const ports: Ports = {
    source: target,
    content: [BLOB],
    trustStore: memoryTrustStore({
      'ca:acme': [spoiled.untrusted === true ? stranger.root : signing.root],
      'tsa:acme': [authority.root],
    }),
    crypto: defaultCrypto,
    now: () => NOW,
    client: revocationClient(spoiled),
    crlCache: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
    plugins: finderOf(pluginSaying(spoiled.pluginRefuses !== true)),
    log: () => undefined,
  };
  const image = { reference: 'image', scope: 'registry.example.com/app', version: 'v1' };
  const policy = testPolicy({ ...LEVEL, ...STORES });
  return {
    ports,
    judges: [
      (given) => verify({ source: given.source, ...image }, { policy, ...optionsOf(given) }),
      (given) =>
        verifyBlob({ reference: 'blob', content: given.content }, signature, {
          policy: BLOB_POLICY,
          ...optionsOf(given),
        }),
    ],
  };
}

function optionsOf({ client, crlCache, ...ports }: Ports) {
  const revocation = onlineRevocation({ client, crlCache, crypto: ports.crypto });
  const { trustStore, crypto, now, plugins, log } = ports;
  return { trustStore, crypto, now, plugins, log, revocation };
}

async function sign(subject: Descriptor, spoiled: Spoiled): Promise<Uint8Array> {
  const about = spoiled.otherContent === true ? { ...subject, size: subject.size + 1 } : subject;
  return await signEnvelope(
    JWS_MEDIA_TYPE,
    {
      payload: encodePayload(about, JWS_MEDIA_TYPE),
      payloadType: PAYLOAD_MEDIA_TYPE,
      scheme: 'notary.x509',
      signingTime: NOW,
      extendedAttributes: [
        { key: 'io.cncf.notary.verificationPlugin', critical: true, value: 'demo' },
      ],
    },
    {
      signer: localSigner(signing.leafKey, signing.chain),
      timestamp: (value) => authority.token(spoiled.otherTimestamp === true ? BLOB : value),
    },
  );
}

function pluginSaying(success: boolean) {
  const { trustedIdentity } = CAPABILITY;
  return fakePlugin(
    { capabilities: [trustedIdentity] },
    {
      'verify-signature': () => ({
        verificationResults: new Map([[trustedIdentity, { success, reason: undefined }]]),
        processedAttributes: [],
      }),
    },
  ).plugin;
}

function revocationClient({ revoked, authorityRevoked }: Spoiled): HttpClient {
  const transport = fakeTransport(({ url }) =>
    url.pathname === '/signer'
      ? revocationList(signing, 0, revoked)
      : revocationList(authority, 1, authorityRevoked),
  );
  return createHttpClient({ userAgent: 'test', transport });
}

async function revocationList(
  { chain, authorities }: TestChain,
  index: number,
  revoked = false,
): Promise<FakeResponse> {
  const [issuer, certificate] = [authorities[index], chain[index]];
  if (issuer === undefined || certificate === undefined) throw new Error('nobody issued it');
  const { serialNumber } = certificate;
  const entries = revoked ? [{ serialNumber, revokedAt: AT - 1000 }] : [];
  return { status: 200, body: await makeCrl({ issuer, thisUpdate: AT - 1000, entries }) };
}

/** The verdict of a verification; what is thrown that has none comes out. */
export async function verdictIn(judging: Promise<unknown>): Promise<Verdict> {
  try {
    return ((await judging) as { readonly verdict: Verdict }).verdict;
  } catch (error) {
    if (error instanceof VerificationError) return error.verdict;
    throw error;
  }
}
