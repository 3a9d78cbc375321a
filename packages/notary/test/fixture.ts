import type { CurveName } from '@nv2/core';
import { encodeUtf8 } from '@nv2/core';
import {
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  type Signer,
  type SignRequest,
  signEnvelope,
} from '@nv2/envelope';
import {
  memoryTrustStore,
  type OciTrustPolicy,
  parseOciTrustPolicy,
  type SignArtifactOptions,
  sign,
  type TrustStore,
  type Verdict,
  VerificationError,
  type VerifyOptions,
  verify,
} from '@nv2/notary';
import {
  type ArtifactSource,
  type Descriptor,
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  type Platform,
} from '@nv2/oci';
import { type MemoryTarget, makeChain, memoryTarget } from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';

/** When everything in these tests happens. */
export const NOW: Date = new Date('2026-03-01T12:00:00Z');

export const DAY: number = 24 * 60 * 60 * 1000;

/** Who signs in these tests. */
export interface TestSigner {
  readonly signer: Signer;
  readonly chain: readonly Certificate[];
  readonly root: Certificate;
}

export async function testSigner(
  options: Omit<Partial<Parameters<typeof makeChain>[0]>, 'now'> = {},
): Promise<TestSigner> {
  const curve: CurveName = 'P-256';
  const made = await makeChain({ algorithm: { kind: 'ec', curve }, now: NOW, ...options });
  const root = made.chain.at(-1);
  if (root === undefined) throw new Error('a chain has a root');
  return { signer: localSigner(made.leafKey, made.chain), chain: made.chain, root };
}

/** An image in memory, tagged `v1`. */
export function testImage(): { readonly target: MemoryTarget; readonly subject: Descriptor } {
  const target = memoryTarget();
  const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
  const manifest = encodeManifest({
    kind: 'image',
    mediaType: MEDIA_TYPE.imageManifest,
    config,
    layers: [],
  });
  const subject = target.add(manifest, { mediaType: MEDIA_TYPE.imageManifest, tag: 'v1' });
  return { target, subject };
}

export function testPolicy(changes: object = {}): OciTrustPolicy {
  const statement = {
    name: 'app',
    registryScopes: ['registry.example.com/app'],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
    ...changes,
  };
  const document = { version: '1.0', trustPolicies: [statement] };
  return parseOciTrustPolicy(encodeUtf8(JSON.stringify(document)));
}

export function trusting(...signers: readonly TestSigner[]): TrustStore {
  return memoryTrustStore({ 'ca:acme': signers.map(({ root }) => root) });
}

/** Signs the image; the manifest holds no envelope, as that of notation, unless it is asked for. */
export function signNow(
  target: MemoryTarget,
  by: TestSigner,
  options: Partial<SignArtifactOptions> = {},
): ReturnType<typeof sign> {
  return sign(
    { source: target, version: 'v1' },
    {
      signer: by.signer,
      format: JWS_MEDIA_TYPE,
      now: () => NOW,
      embed: false,
      ...options,
    },
  );
}

/** Stores a signature over any payload and with any attributes, for the image or what is given. */
export async function storeSignature(
  target: MemoryTarget,
  subject: Descriptor,
  options: {
    readonly by: TestSigner;
    readonly payload?: Uint8Array;
    readonly request?: Partial<SignRequest>;
    readonly envelope?: (bytes: Uint8Array) => Uint8Array;
    readonly manifest?: object;
  },
): Promise<Descriptor> {
  const request: SignRequest = {
    payload: options.payload ?? encodePayload(subject, JWS_MEDIA_TYPE),
    payloadType: PAYLOAD_MEDIA_TYPE,
    scheme: 'notary.x509',
    signingTime: NOW,
    ...options.request,
  };
  const made = await signEnvelope(JWS_MEDIA_TYPE, request, { signer: options.by.signer });
  return storeEnvelope(target, subject, {
    bytes: options.envelope?.(made) ?? made,
    manifest: options.manifest ?? {},
  });
}

/** Stores any bytes as the envelope of a signature. */
export async function storeEnvelope(
  target: MemoryTarget,
  subject: Descriptor,
  options: { readonly bytes: Uint8Array; readonly manifest?: object },
): Promise<Descriptor> {
  const layer = describeContent(options.bytes, JWS_MEDIA_TYPE);
  target.contents.set(layer.digest, options.bytes);
  const manifest = encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.imageManifest,
      artifactType: 'application/vnd.cncf.notary.signature',
      config: describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson),
      layers: [layer],
      subject,
      ...options.manifest,
    }),
  );
  return listReferrer(target, subject, manifest);
}

/** Stores a manifest and lists it as a signature of the image, whatever it is. */
export function listReferrer(
  target: MemoryTarget,
  subject: Descriptor,
  manifest: Uint8Array,
): Descriptor {
  const descriptor = {
    ...describeContent(manifest, MEDIA_TYPE.imageManifest),
    artifactType: 'application/vnd.cncf.notary.signature',
  };
  target.contents.set(descriptor.digest, manifest);
  target.listed.set(subject.digest, [...(target.listed.get(subject.digest) ?? []), descriptor]);
  return descriptor;
}

/** Verifies and returns the verdict, whichever it is. */
export async function verdictOf(
  target: ArtifactSource,
  options: Pick<VerifyOptions, 'trustStore'> &
    Partial<VerifyOptions> & { readonly version?: string; readonly platform?: Platform },
): Promise<Verdict & { readonly code?: string }> {
  const { version = 'v1', platform, ...rest } = options;
  const asked = {
    reference: `registry.example.com/app:${version}`,
    scope: 'registry.example.com/app',
    version,
    platform,
  };
  try {
    const { verdict } = await verify(
      { source: target, ...asked },
      {
        policy: testPolicy(),
        now: () => NOW,
        ...rest,
      },
    );
    return verdict;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { ...error.verdict, code: error.code };
  }
}

/** The codes of what failed, in order. */
export function causes(verdict: Verdict): readonly (string | undefined)[] {
  return verdict.signatures.map(({ cause }) => cause?.code);
}
