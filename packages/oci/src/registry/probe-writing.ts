import { encodeUtf8 } from '@nv2/core';
import type { Descriptor } from '../descriptor.ts';
import { encodeManifest } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { describeContent } from '../verified-reader.ts';
import {
  ask,
  type Capability,
  finding,
  orUnknown,
  type ProbeContext,
  type ProbeFinding,
} from './probe-finding.ts';
import { manifestPath } from './resolve.ts';
import { repositoryScope } from './scope.ts';
import { uploadBlob, uploadTarget } from './upload.ts';

const PROBE_TYPE = 'application/vnd.nv2.probe';
const EMPTY = encodeUtf8('{}');

type Named = ProbeContext & { readonly repository: string };

interface TestManifest {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/**
 * What only writing tells: pushes a blob, an artifact and a referrer of it, changes its tag on
 * condition, and removes all of them, also after a failure or an interrupt in between.
 */
export async function probeWriting(context: Named): Promise<readonly ProbeFinding[]> {
  const config = describeContent(EMPTY, MEDIA_TYPE.emptyJson);
  const subject = testManifest(config, {});
  const referrer = testManifest(config, { subject: subject.descriptor });
  const tag = `nv2-probe-${subject.descriptor.digest.slice(7, 19)}`;
  const findings: ProbeFinding[] = [];
  const probe = async (
    capability: Capability,
    work: () => Promise<ProbeFinding>,
  ): Promise<void> => {
    findings.push(await orUnknown(capability, work));
  };
  try {
    await probe('chunked-upload', () => chunkedUpload(context));
    await storeConfig(context, config);
    await put(context, tag, subject);
    await probe('oci-subject', () => ociSubject(context, { referrer, subject }));
    await probe('conditional-requests', () => conditionalWrite(context, tag, subject));
  } finally {
    // an interrupt ends what is asked, and not the removal of what was pushed
    findings.push(await cleanUp({ ...context, call: {} }, [referrer, subject]));
  }
  return findings;
}

function testManifest(config: Descriptor, more: { readonly subject?: Descriptor }): TestManifest {
  const bytes = encodeManifest({
    kind: 'image',
    mediaType: MEDIA_TYPE.imageManifest,
    artifactType: PROBE_TYPE,
    config,
    layers: [config],
    annotations: { 'org.opencontainers.image.description': `probe ${crypto.randomUUID()}` },
    ...more,
  });
  return { bytes, descriptor: describeContent(bytes, MEDIA_TYPE.imageManifest) };
}

async function storeConfig(
  { session, repository, call }: Named,
  config: Descriptor,
): Promise<void> {
  const scopes = [repositoryScope(repository, ['pull', 'push'])];
  const pause = (): Promise<void> => Promise.resolve();
  await uploadBlob(EMPTY, config, { session, repository, scopes, ...call, pause });
}

/** distribution-spec 1.1.1, pushing a blob in chunks: POST, PATCH, PATCH, PUT. */
async function chunkedUpload(context: Named): Promise<ProbeFinding> {
  const bytes = encodeUtf8(`nv2 probe ${crypto.randomUUID()}`);
  const { digest } = describeContent(bytes, MEDIA_TYPE.octetStream);
  const url = `/v2/${context.repository}/blobs/uploads/`;
  const begun = await ask(context, { method: 'POST', url }, 'pull', 'push');
  let location = begun.headers.get('location');
  let base = begun.url;
  const half = Math.floor(bytes.length / 2);
  for (const [start, end] of [
    [0, half],
    [half, bytes.length],
  ] as const) {
    const target = location === null ? null : URL.parse(location, base.href);
    if (target === null) return finding('chunked-upload', false, 'no Location');
    const headers = {
      'content-type': MEDIA_TYPE.octetStream,
      'content-range': `${start}-${end - 1}`,
    };
    const chunk = { method: 'PATCH', url: target, headers, body: bytes.subarray(start, end) };
    const response = await ask(context, chunk, 'pull', 'push');
    if (response.status !== 202) {
      return finding('chunked-upload', false, `PATCH ${start}-${end - 1}: ${response.status}`);
    }
    location = response.headers.get('location') ?? location;
    base = response.url;
  }
  const target = uploadTarget(location, base, digest);
  if (target === undefined) return finding('chunked-upload', false, 'no Location');
  const done = await ask(context, { method: 'PUT', url: target }, 'pull', 'push');
  const blob = `/v2/${context.repository}/blobs/${digest}`;
  await ask(context, { method: 'DELETE', url: blob }, 'delete').catch(() => undefined);
  return finding('chunked-upload', done.status === 201, `two chunks, then PUT: ${done.status}`);
}

async function ociSubject(
  context: Named,
  { referrer, subject }: { readonly referrer: TestManifest; readonly subject: TestManifest },
): Promise<ProbeFinding> {
  const { status, subject: said } = await put(context, referrer.descriptor.digest, referrer);
  const evidence = `PUT with a subject: ${status}, OCI-Subject ${said ?? 'absent'}`;
  return finding('oci-subject', said === subject.descriptor.digest, evidence);
}

/** A write on a condition that does not hold has to be refused (RFC 9110 13.1.1). */
async function conditionalWrite(
  context: Named,
  tag: string,
  manifest: TestManifest,
): Promise<ProbeFinding> {
  const headers = { 'if-match': '"nv2-probe-no-such-tag"' };
  const { status } = await put(context, tag, manifest, headers);
  const evidence = `PUT with an If-Match that does not hold: ${status}`;
  return finding('conditional-requests', status === 412, evidence);
}

async function cleanUp(context: Named, manifests: readonly TestManifest[]): Promise<ProbeFinding> {
  return await orUnknown('delete', async () => {
    const statuses: number[] = [];
    for (const { descriptor } of manifests) {
      const url = manifestPath(context.repository, descriptor.digest);
      const response = await ask(context, { method: 'DELETE', url }, 'delete');
      statuses.push(response.status);
    }
    const isDone = statuses.every((status) => status === 202 || status === 200);
    const left = isDone ? '' : '; the test artifact stays';
    return finding('delete', isDone, `DELETE of a manifest: ${statuses.join(', ')}${left}`);
  });
}

async function put(
  context: Named,
  reference: string,
  { bytes, descriptor }: TestManifest,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly subject: string | null }> {
  const response = await ask(
    context,
    {
      method: 'PUT',
      url: manifestPath(context.repository, reference),
      headers: { 'content-type': descriptor.mediaType, ...headers },
      body: bytes,
    },
    'pull',
    'push',
  );
  return { status: response.status, subject: response.headers.get('oci-subject') };
}
