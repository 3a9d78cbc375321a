import { type CryptoPort, listSome, Nv2Error, parseJson, quoted } from '@nv2/core';
import {
  type EnvelopeContent,
  type EnvelopeMediaType,
  payloadOf,
  type SignatureAlgorithm,
  type TargetArtifact,
  verifyEnvelope,
} from '@nv2/envelope';
import { sameContent } from '@nv2/oci';
import type { NotaryError } from './errors.ts';
import { answerRefused, envelopeRefused, type PluginKeyName } from './plugin/answer-refused.ts';
import { verificationPluginOf } from './verify/attributes.ts';

/** What was asked of whoever made an envelope. */
export interface AskedEnvelope {
  /** Who made it, for messages. */
  readonly pluginKey: PluginKeyName;
  readonly format: EnvelopeMediaType;
  readonly target: TargetArtifact;
  /** 0: no expiry was asked for. */
  readonly expirySeconds: number;
  /** What the key was said to sign with, where the digest of the target follows it. */
  readonly algorithm?: SignatureAlgorithm | undefined;
  readonly crypto?: CryptoPort | undefined;
}

/** The members of the descriptor in a payload that its maker may add: those of an OCI descriptor. */
const DESCRIPTOR_MEMBERS: ReadonlySet<string> = new Set([
  ...['mediaType', 'digest', 'size', 'annotations'],
  ...['urls', 'data', 'platform', 'artifactType'],
]);

/**
 * Checks an envelope that someone else has made: it verifies, says what it was asked to say and, in
 * the descriptor, nothing else but more annotations. It expires no later than asked; whoever makes
 * whole envelopes may let one expire that need not, and chooses the signing scheme.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ANSWER_REFUSED`, with the rule in `data.rule`: it is `envelope`
 *   where no verifier would accept the envelope, and `data.causeCode` says why
 * @see specifications plugin-extensibility.md "Signature Envelope Generator", step 4
 */
export async function checkGeneratedEnvelope(
  bytes: Uint8Array,
  asked: AskedEnvelope,
): Promise<EnvelopeContent> {
  const { content, target } = await read(bytes, asked);
  assertTarget(target, asked);
  assertNoUnknownMembers(content, asked);
  assertTimes(content, asked);
  assertAlgorithm(content, asked);
  return content;
}

async function read(
  bytes: Uint8Array,
  { format, crypto, pluginKey }: AskedEnvelope,
): Promise<{ readonly content: EnvelopeContent; readonly target: TargetArtifact }> {
  try {
    const { content } = await verifyEnvelope(bytes, format, crypto === undefined ? {} : { crypto });
    const target = payloadOf(content).targetArtifact;
    // what no verifier could accept is not worth storing
    verificationPluginOf(content);
    return { content, target };
  } catch (cause) {
    if (!(cause instanceof Nv2Error) || cause.kind === 'internal') throw cause;
    throw envelopeRefused(pluginKey, cause);
  }
}

function assertTarget(signed: TargetArtifact, asked: AskedEnvelope): void {
  const { target } = asked;
  const kept = Object.entries(target.annotations ?? {}).every(
    ([key, value]) => annotation(signed, key) === value,
  );
  if (kept && sameContent(signed, target)) return;
  throw refused(asked, 'target', 'it signed another descriptor than it was given', {
    expected: target,
    got: signed,
  });
}

function annotation({ annotations = {} }: TargetArtifact, key: string): string | undefined {
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

const MAX_NAMED = 3;

function assertNoUnknownMembers({ payload }: EnvelopeContent, asked: AskedEnvelope): void {
  const members = parseJson(payload);
  const descriptor = members instanceof Map ? members.get('targetArtifact') : undefined;
  const unknown = [
    ...keysOf(members).filter((name) => name !== 'targetArtifact'),
    ...keysOf(descriptor).filter((name) => !DESCRIPTOR_MEMBERS.has(name)),
  ];
  if (unknown.length === 0) return;
  const problem = `it added ${listSome(unknown.map(quoted), MAX_NAMED)} to what it was given to sign`;
  throw refused(asked, 'unknown-members', problem, { unknown });
}

function keysOf(value: unknown): readonly string[] {
  return value instanceof Map ? [...value.keys()].map(String) : [];
}

function assertTimes(content: EnvelopeContent, asked: AskedEnvelope): void {
  const { signingTime, expiry, certificateChain } = content;
  const latest = signingTime + asked.expirySeconds * 1000;
  if (asked.expirySeconds > 0 && (expiry === undefined || expiry > latest)) {
    const problem = 'the signature does not expire, or expires later than was asked for';
    throw refused(asked, 'expiry', problem, { expiry, latest });
  }
  const outside = certificateChain.some(
    ({ notBefore, notAfter }) => signingTime < notBefore || signingTime > notAfter,
  );
  if (outside) {
    const problem = 'a certificate of its chain is not valid at the signing time';
    throw refused(asked, 'validity', problem, { signingTime });
  }
}

/** Verifiers hash a blob with the algorithm of the envelope: with another it never matches. */
function assertAlgorithm({ algorithm }: EnvelopeContent, asked: AskedEnvelope): void {
  const { algorithm: expected = algorithm } = asked;
  if (algorithm.name === expected.name) return;
  const problem = `it signed with ${algorithm.name}, and its key is for ${expected.name}`;
  throw refused(asked, 'signing-algorithm', problem, {
    got: algorithm.name,
    expected: expected.name,
  });
}

function refused(
  { pluginKey }: AskedEnvelope,
  rule: string,
  problem: string,
  data: Readonly<Record<string, unknown>>,
): NotaryError {
  return answerRefused(pluginKey, { rule, problem, data });
}
