import { defaultCrypto, encodeHex } from '@nv2/core';
import type { EnvelopeContent } from '@nv2/envelope';
import type { InspectedSignature } from '@nv2/notary';
import { type Certificate, formatNameGo } from '@nv2/x509';
import type { CliIo } from './context.ts';
import { sortedObject } from './text/go-json.ts';
import { formatAnsiC, formatRfc3339, offsetOf } from './text/go-time.ts';
import { LABELS, type TreeLabels } from './text/inspect-labels.ts';
import { node, pair, type TreeNode } from './text/tree.ts';
import { type TimestampFacts, timestampFacts } from './timestamp-facts.ts';

type Zone = Pick<CliIo, 'zoneOffset'>;

/** The names that plugins and notation use for the algorithms. */
const ALGORITHM_NAMES: Readonly<Record<EnvelopeContent['algorithm']['name'], string>> = {
  PS256: 'RSASSA-PSS-SHA-256',
  PS384: 'RSASSA-PSS-SHA-384',
  PS512: 'RSASSA-PSS-SHA-512',
  ES256: 'ECDSA-SHA-256',
  ES384: 'ECDSA-SHA-384',
  ES512: 'ECDSA-SHA-512',
};

/** What a signature says, wherever it is kept. */
type SignatureFacts = Pick<InspectedSignature, 'content' | 'target'>;

/** A signature as a branch of the tree that `inspect` prints, under the name it is known by. */
export async function signatureNode(
  name: string,
  { content, target }: SignatureFacts,
  { io, labels = LABELS }: { readonly io: Zone; readonly labels?: TreeLabels },
): Promise<TreeNode> {
  const annotations = Object.entries(target.annotations ?? {}).sort(byKey);
  const heads = [
    pair(labels.algorithm, ALGORITHM_NAMES[content.algorithm.name]),
    pair(labels.envelope, content.mediaType),
  ];
  return node(name, [
    ...(labels.envelopeFirst ? heads.reverse() : heads),
    node('signed attributes', signedPairs(content, { io, labels })),
    node(
      'user defined attributes',
      annotations.length === 0 ? [node('(empty)')] : annotations.map(([k, v]) => pair(k, v)),
    ),
    node('unsigned attributes', await unsignedNodes(content, labels)),
    node('certificates', await eachNode(content.certificateChain)),
    node('signed artifact', [
      pair('media type', target.mediaType),
      pair('digest', target.digest),
      pair('size', String(target.size)),
    ]),
  ]);
}

/** A signature as `inspect --output json` prints it, without the digest that some have. */
export async function signatureJson(
  { content, target }: SignatureFacts,
  io: Zone,
): Promise<Readonly<Record<string, unknown>>> {
  const { annotations, mediaType, digest, size } = target;
  const hasAnnotations = annotations !== undefined && Object.keys(annotations).length > 0;
  return {
    signatureAlgorithm: ALGORITHM_NAMES[content.algorithm.name],
    signatureEnvelopeType: content.mediaType,
    signedAttributes: signedAttributes(content, io),
    userDefinedAttributes: hasAnnotations ? sortedObject(Object.entries(annotations)) : null,
    unsignedAttributes: await unsignedAttributes(content),
    certificates: await Promise.all(content.certificateChain.map((one) => certificateJson(one))),
    signedArtifact: { mediaType, digest, size },
  };
}

function signedPairs(
  content: EnvelopeContent,
  { io, labels }: { readonly io: Zone; readonly labels: TreeLabels },
): readonly TreeNode[] {
  const { signingTime, expiry } = times(content, io);
  return [
    ...(labels.contentType === undefined ? [] : [pair(labels.contentType, content.payloadType)]),
    pair(labels.scheme, content.scheme),
    pair(labels.time, formatAnsiC(signingTime.at, signingTime.offset)),
    ...(expiry === undefined ? [] : [pair('expiry', formatAnsiC(expiry.at, expiry.offset))]),
    ...content.extendedAttributes.map(({ key, value }) => pair(String(key), shown(value))),
  ];
}

function signedAttributes(content: EnvelopeContent, io: Zone): Readonly<Record<string, string>> {
  const { signingTime, expiry } = times(content, io);
  return sortedObject([
    ['contentType', content.payloadType],
    ['signingScheme', content.scheme],
    ['signingTime', formatRfc3339(signingTime.at, signingTime.offset)],
    ...(expiry === undefined ? [] : [['expiry', formatRfc3339(expiry.at, expiry.offset)] as const]),
    ...content.extendedAttributes.map(({ key, value }) => [String(key), shown(value)] as const),
  ]);
}

interface ZonedTime {
  readonly at: number;
  readonly offset: number;
}

// JWS carries the signer's zone; COSE carries none, and is shown in local time.
function times(
  { mediaType, signingTime, signingTimeText, expiry, expiryText }: EnvelopeContent,
  io: Zone,
): { readonly signingTime: ZonedTime; readonly expiry?: ZonedTime } {
  const zoned = (at: number, text: string): ZonedTime => ({
    at,
    offset: mediaType === 'application/cose' ? io.zoneOffset(at) : offsetOf(text),
  });
  return {
    signingTime: zoned(signingTime, signingTimeText),
    ...(expiry !== undefined && { expiry: zoned(expiry, expiryText ?? '') }),
  };
}

async function unsignedNodes(
  content: EnvelopeContent,
  { agent }: TreeLabels,
): Promise<readonly TreeNode[]> {
  const timestamp = await timestampFacts(content);
  return [
    ...(content.signingAgent ? [pair(agent, content.signingAgent)] : []),
    ...(timestamp ? [node('timestamp signature', await timestampNodes(timestamp))] : []),
  ];
}

async function timestampNodes(facts: TimestampFacts): Promise<readonly TreeNode[]> {
  if ('error' in facts) return [pair('error', facts.error)];
  const { earliest, latest, certificates } = facts;
  const range = `[${formatAnsiC(earliest)}, ${formatAnsiC(latest)}]`;
  return [pair('timestamp', range), node('certificates', await eachNode(certificates))];
}

async function unsignedAttributes(content: EnvelopeContent): Promise<Record<string, unknown>> {
  const timestamp = await timestampFacts(content);
  return sortedObject<unknown>([
    ...(content.signingAgent ? [['signingAgent', content.signingAgent] as const] : []),
    ...(timestamp ? [['timestampSignature', await timestampJson(timestamp)] as const] : []),
  ]);
}

async function timestampJson(facts: TimestampFacts): Promise<Readonly<Record<string, unknown>>> {
  if ('error' in facts) return facts;
  const { earliest, latest, certificates } = facts;
  return {
    timestamp: `[${formatRfc3339(earliest)}, ${formatRfc3339(latest)}]`,
    certificates: await Promise.all(certificates.map((one) => certificateJson(one))),
  };
}

function eachNode(certificates: readonly Certificate[]): Promise<readonly TreeNode[]> {
  return Promise.all(certificates.map((one) => certificateNode(one)));
}

async function certificateNode(certificate: Certificate): Promise<TreeNode> {
  return pair('SHA256 fingerprint', await fingerprint(certificate), [
    pair('issued to', formatNameGo(certificate.subject)),
    pair('issued by', formatNameGo(certificate.issuer)),
    pair('expiry', formatAnsiC(certificate.notAfter)),
  ]);
}

async function certificateJson(
  certificate: Certificate,
): Promise<Readonly<Record<string, string>>> {
  return {
    SHA256Fingerprint: await fingerprint(certificate),
    issuedTo: formatNameGo(certificate.subject),
    issuedBy: formatNameGo(certificate.issuer),
    expiry: formatRfc3339(certificate.notAfter),
  };
}

async function fingerprint({ der }: Certificate): Promise<string> {
  return encodeHex(await defaultCrypto.digest('sha256', der));
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return encodeHex(value);
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return Object.fromEntries(part);
    return typeof part === 'bigint' ? String(part) : part;
  });
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
