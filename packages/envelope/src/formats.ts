import { quoted } from '@nv2/core';
import { COSE_MEDIA_TYPE, type EnvelopeMediaType, JWS_MEDIA_TYPE } from './content.ts';
import { coseFormat } from './cose.ts';
import { EnvelopeError } from './errors.ts';
import type { EnvelopeFormat } from './format.ts';
import { jwsFormat } from './jws.ts';

const FORMATS: ReadonlyMap<string, EnvelopeFormat> = new Map([
  [JWS_MEDIA_TYPE, jwsFormat],
  [COSE_MEDIA_TYPE, coseFormat],
]);

/**
 * How an envelope of a media type is read; formats are never guessed from the bytes.
 * @throws EnvelopeError `ENVELOPE_MEDIA_TYPE_UNSUPPORTED`
 */
export function envelopeFormat(mediaType: EnvelopeMediaType): EnvelopeFormat {
  return byMediaType(FORMATS, mediaType);
}

/** @throws EnvelopeError `ENVELOPE_MEDIA_TYPE_UNSUPPORTED` */
export function byMediaType<T>(formats: ReadonlyMap<string, T>, mediaType: EnvelopeMediaType): T {
  const format = formats.get(mediaType);
  if (format !== undefined) return format;
  throw new EnvelopeError(
    'ENVELOPE_MEDIA_TYPE_UNSUPPORTED',
    `signature envelope of type ${quoted(mediaType)}, expected ${[...formats.keys()].join(' or ')}`,
    { data: { mediaType } },
  );
}
