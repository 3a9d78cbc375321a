import type { EnvelopeMediaType } from '@nv2/envelope';
import { type ArtifactSource, assertContent, type CallOptions, type Descriptor } from '@nv2/oci';
import {
  assertSignatureBytesNotDenied,
  assertSignatureNotDenied,
  type Denials,
} from '../denials/denials.ts';
import { callOptions, ownAbort } from './call-options.ts';
import { readSignatureManifest } from './manifest.ts';
import { MAX_SIGNATURE_BYTES } from './media-types.ts';

/** A signature envelope as stored; nothing in it is verified. */
export interface StoredEnvelope {
  readonly mediaType: EnvelopeMediaType;
  readonly bytes: Uint8Array;
}

/** The result of one fetch, in the place where the fetch was asked for. */
export type FetchResult =
  | { readonly descriptor: Descriptor; readonly envelope: StoredEnvelope }
  | { readonly descriptor: Descriptor; readonly error: unknown };

/** Whose signatures are fetched, and which of them are not. */
export interface FetchOptions extends CallOptions {
  readonly subject: Descriptor;
  /** How many of the list are fetched at most. Default: all. */
  readonly maxSignatures?: number;
  /** By any digest of the manifest or of the envelope. */
  readonly denials?: Denials | undefined;
}

/** How many signatures are fetched at the same time once the first one was of no use. */
export const FETCH_CONCURRENCY = 4;

/**
 * Fetches the envelope of a signature: first the manifest, then the blob, unless the manifest holds
 * it. Of a denied one nothing is fetched that is named by a denied digest.
 *
 * @throws NotaryError `NOTARY_SIGNATURE_DENIED`, and as {@link readSignatureManifest} and the source
 */
export async function fetchSignature(
  source: ArtifactSource,
  descriptor: Descriptor,
  options: FetchOptions,
): Promise<StoredEnvelope> {
  const { denials } = options;
  const call = callOptions(options);
  assertSignatureNotDenied(denials, descriptor.digest, 'signature');
  const manifest = await source.fetchManifest(descriptor, call);
  await assertSignatureBytesNotDenied(denials, manifest, { what: 'signature' });
  const { envelope, mediaType } = readSignatureManifest(
    manifest,
    descriptor.mediaType,
    options.subject,
  );
  // the same envelope under another manifest is the same signature
  assertSignatureNotDenied(denials, envelope.digest, 'signature envelope');
  const bytes =
    embeddedContent(envelope) ??
    (await source.fetchBlob(envelope, { ...call, maxBytes: MAX_SIGNATURE_BYTES }));
  await assertSignatureBytesNotDenied(denials, bytes, { what: 'signature envelope' });
  return { mediaType, bytes };
}

// OCI image-spec 1.1.1, descriptor.md "Embedded Content": identical to what is referenced, or a lie
function embeddedContent(descriptor: Descriptor): Uint8Array | undefined {
  const { data } = descriptor;
  if (data !== undefined) assertContent(data, descriptor);
  return data;
}

/**
 * Fetches signatures in the order of the list: the first alone, since it usually decides, later ones
 * up to {@link FETCH_CONCURRENCY} at once. A failed fetch is a result; a failure of the list is
 * thrown after the results before it. Leaving the loop early ends what is under way.
 */
export async function* fetchSignatures(
  source: ArtifactSource,
  descriptors: AsyncIterable<Descriptor>,
  options: FetchOptions,
): AsyncGenerator<FetchResult> {
  const { maxSignatures = Number.POSITIVE_INFINITY } = options;
  const own = ownAbort(options);
  const { signal } = own;
  const list = descriptors[Symbol.asyncIterator]();
  const underWay: Promise<FetchResult>[] = [];
  let listed: ListState = { state: 'more' };
  let width = 1;
  let asked = 0;
  try {
    for (;;) {
      while (listed.state === 'more' && underWay.length < width && asked < maxSignatures) {
        listed = await nextOf(list);
        if (listed.state === 'more' && listed.descriptor !== undefined) {
          asked += 1;
          underWay.push(settle(source, listed.descriptor, { ...options, signal }));
        }
      }
      const result = await underWay.shift();
      if (result === undefined) break;
      yield result;
      width = FETCH_CONCURRENCY;
    }
    if (listed.state === 'failed') throw listed.error;
  } finally {
    if (underWay.length > 0) own.abort();
    own.unlink();
    await list.return?.();
  }
}

type ListState =
  | { readonly state: 'more'; readonly descriptor?: Descriptor }
  | { readonly state: 'end' }
  | { readonly state: 'failed'; readonly error: unknown };

async function nextOf(list: AsyncIterator<Descriptor>): Promise<ListState> {
  try {
    const next = await list.next();
    return next.done === true ? { state: 'end' } : { state: 'more', descriptor: next.value };
  } catch (error) {
    return { state: 'failed', error };
  }
}

async function settle(
  source: ArtifactSource,
  descriptor: Descriptor,
  options: FetchOptions,
): Promise<FetchResult> {
  try {
    return { descriptor, envelope: await fetchSignature(source, descriptor, options) };
  } catch (error) {
    return { descriptor, error };
  }
}
