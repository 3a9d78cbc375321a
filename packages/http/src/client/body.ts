import { concatBytes } from '@nv2/core';
import { HttpError } from '../errors.ts';
import { maskUrl } from './secrets.ts';
import type { HttpResponse } from './types.ts';

/**
 * The whole body of an answer, at most `maxBytes`. The length comes from counting; what the
 * headers announce only makes an oversized answer fail sooner.
 * @throws HttpError `HTTP_BODY_TOO_LARGE`, and what reading the body throws
 */
export async function readBody(
  response: HttpResponse,
  options: { readonly maxBytes: number },
): Promise<Uint8Array> {
  const announced = contentLength(response);
  if (announced !== undefined && announced > options.maxBytes) {
    await response.discard();
    throw bodyTooLarge(response.url, announced, options.maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    // what is no limit lets nothing pass
    if (!(size <= options.maxBytes)) throw bodyTooLarge(response.url, size, options.maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : concatBytes(...chunks);
}

/** The announced length in bytes, or undefined if absent or not a number. */
export function contentLength(response: HttpResponse): number | undefined {
  const text = response.headers.get('content-length');
  if (text === null || !/^[0-9]{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/** @internal */
export function bodyTooLarge(url: URL, size: number, maxBytes: number): HttpError {
  return new HttpError(
    'HTTP_BODY_TOO_LARGE',
    `${maskUrl(url)}: answer of at least ${size} bytes, at most ${maxBytes} are read`,
    {
      hint: 'the host sends more than such an answer can need; check that the address is right',
      data: { url: maskUrl(url), size, maxBytes },
    },
  );
}
