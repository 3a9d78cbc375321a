import { parseDigest, quoted } from '@nv2/core';
import { type HttpResponse, readBody } from '@nv2/http';
import { MAX_MANIFEST_BYTES } from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { digestOf } from '../verified-reader.ts';
import { invalidResponse } from './response-error.ts';

/**
 * The error for a manifest that comes as another media type than its descriptor says. Where it is
 * the content that was asked for, whoever wrote the descriptor is at fault, who may be anybody that
 * may push; otherwise it is the host that answers with something else. The body is read.
 *
 * @throws HttpError if the body cannot be read
 */
export async function otherMediaType(
  response: HttpResponse,
  { digest, mediaType: expected }: Descriptor,
  mediaType: string | undefined,
): Promise<OciError> {
  const problem = `Content-Type is ${mediaType}, expected ${expected}`;
  // what has no media type was not given one by who pushed it
  if (mediaType === undefined) return await invalidResponse(response, 'GET', problem);
  const body = await readBody(response, { maxBytes: MAX_MANIFEST_BYTES });
  if (digestOf(body, parseDigest(digest).algorithm) !== digest) {
    return await invalidResponse(response, 'GET', problem);
  }
  return new OciError(
    'OCI_MEDIA_TYPE_MISMATCH',
    `${digest} is of media type ${quoted(mediaType)}, expected ${expected}`,
    {
      hint: 'it is listed as something else than it is: have the list written again',
      data: { digest, mediaType, expected },
    },
  );
}
