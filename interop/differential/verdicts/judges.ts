// What each side says about a question, in a form that can be compared.
import { encodeUtf8 } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import {
  directoryTrustStore,
  fileCrlCache,
  onlineRevocation,
  parseOciTrustPolicy,
  pluginDirectory,
  SIGNATURE_ARTIFACT_TYPE,
  type Verdict,
  VerificationError,
  verify,
} from '@nv2/notary';
import { describeContent, encodeManifest, MEDIA_TYPE } from '@nv2/oci';
import { type MemoryTarget, memoryTarget } from '@nv2/testkit';
import { askPeer, type PeerVerified } from '../../peer-client.ts';
import { type Question, SCOPE } from './question.ts';
import { reasonOf } from './reasons.ts';
import type { World } from './world.ts';

/** What one side found. */
export interface Finding {
  readonly verdict: 'accepted' | 'refused' | 'skipped';
  /** What failed, by check, with the action of the policy and the reason; logged failures too. */
  readonly failed: readonly string[];
}

type Checks = readonly (readonly [check: string, action: string, reason: string])[];

/** What nv2 says; a few at a time. */
export async function askNv2(
  questions: readonly Question[],
  { world, crlCache }: { readonly world: World; readonly crlCache: string },
): Promise<readonly Finding[]> {
  const transport = nodeTransport({});
  const client = createHttpClient({ transport, userAgent: 'nv2-interop' });
  const shared = {
    trustStore: directoryTrustStore(world.trustStore),
    revocation: onlineRevocation({ client, crlCache: fileCrlCache(crlCache) }),
    plugins: pluginDirectory(world.plugins),
  };
  const found: Finding[] = [];
  const waiting = questions.entries();
  const work = async (): Promise<void> => {
    for (const [i, question] of waiting) {
      const policy = parseOciTrustPolicy(encodeUtf8(JSON.stringify(question.policy)));
      const userMetadata = new Map(Object.entries(question.userMetadata));
      found[i] = await verdictOf(question, { ...shared, policy, userMetadata });
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  transport.close();
  return found;
}

async function verdictOf(
  question: Question,
  options: Parameters<typeof verify>[1],
): Promise<Finding> {
  const { digest: version } = question.subject;
  const asked = { reference: `${SCOPE}@${version}`, scope: SCOPE, version };
  try {
    const { verdict } = await verify({ source: artifactOf(question), ...asked }, options);
    return findingOf(verdict);
  } catch (error) {
    if (error instanceof VerificationError) return findingOf(error.verdict);
    throw error;
  }
}

/** The artifact and its signature in memory. */
function artifactOf({ manifest, subject, mediaType, envelope }: Question): MemoryTarget {
  const target = memoryTarget();
  target.add(manifest, { mediaType: MEDIA_TYPE.imageManifest });
  const layer = describeContent(envelope, mediaType);
  target.contents.set(layer.digest, envelope);
  const signature = encodeManifest({
    kind: 'image',
    mediaType: MEDIA_TYPE.imageManifest,
    artifactType: SIGNATURE_ARTIFACT_TYPE,
    config: describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson),
    layers: [layer],
    subject,
  });
  const listed = target.add(signature, { mediaType: MEDIA_TYPE.imageManifest });
  target.listed.set(subject.digest, [{ ...listed, artifactType: SIGNATURE_ARTIFACT_TYPE }]);
  return target;
}

function findingOf({ outcome, signatures, cause }: Verdict): Finding {
  const [signature] = signatures;
  // the reference has no check of extensions: it says the same beyond its checks
  const made = (signature?.checks ?? []).filter(({ check }) => check !== 'extension');
  const failed = made.flatMap(({ check, action, cause: why }) =>
    why === undefined ? [] : [[check, action, reasonOf('nv2', why.code)] as const],
  );
  const verdict =
    outcome === 'verified' ? 'accepted' : outcome === 'skipped' ? 'skipped' : 'refused';
  const rest = reasonOf('nv2', signature?.cause?.code ?? cause?.code ?? '');
  return { verdict, failed: textsOf(verdict, { failed, rest }) };
}

/** What notation-go says. */
export async function askReference(
  questions: readonly Question[],
  { world, crlCache }: { readonly world: World; readonly crlCache: string },
): Promise<readonly Finding[]> {
  const { configDir, plugins } = world;
  const answers = await askPeer(
    'judge',
    questions.map(({ subject, envelope, format, policy, userMetadata }) => ({
      ...{ subject, envelope, format, policy, userMetadata },
      ...{ scope: SCOPE, configDir, plugins, crlCache },
    })),
  );
  return answers.map(referenceFinding);
}

function referenceFinding({ ok, stage, error, level, signatures }: PeerVerified): Finding {
  if (!ok && stage !== 'verify') throw new Error(`notation-go at ${stage}: ${error}`);
  if (ok && level === 'skip') return { verdict: 'skipped', failed: [] };
  const [signature] = signatures;
  const failed = (signature?.checks ?? []).flatMap(({ check, action, error: why }) =>
    why === undefined ? [] : [[check, action, reasonOf('reference', why)] as const],
  );
  const rest = reasonOf('reference', signature?.error ?? error ?? '');
  const verdict = ok ? 'accepted' : 'refused';
  return { verdict, failed: textsOf(verdict, { failed, rest }) };
}

/** A refusal for which no enforced check failed is for something that no check covers. */
function textsOf(
  verdict: Finding['verdict'],
  { failed, rest }: { readonly failed: Checks; readonly rest: string },
): readonly string[] {
  const texts = failed.map(([check, action, reason]) => `${check} (${action}): ${reason}`);
  const decided = failed.some(([, action]) => action === 'enforce');
  return verdict === 'refused' && !decided ? [...texts, `beyond the checks: ${rest}`] : texts;
}
