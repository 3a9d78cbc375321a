import { decodeUtf8, quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import { decodeGoJson } from '../files/go-decode.ts';
import { formatPath } from '../value-path.ts';
import type { Codec } from './codec.ts';
import { MAX_PLUGIN_OUTPUT_BYTES } from './run-executable.ts';

/**
 * What a plugin printed, as the value that it is to be.
 *
 * @throws NotaryError `NOTARY_PLUGIN_MALFORMED`; CoreError `ENCODING_INVALID`
 */
export function decodeAnswer<T>(bytes: Uint8Array, codec: Codec<T>): T {
  decodeUtf8(bytes);
  const code = 'NOTARY_PLUGIN_MALFORMED';
  const { value, notes } = decodeGoJson(bytes, codec.decode, {
    ...{ code, maxBytes: MAX_PLUGIN_OUTPUT_BYTES, zero: codec.zero, allowTrailingData: false },
  });
  // a no and a yes under one name must not depend on which comes last
  const twice = notes.find(({ note }) => note === 'duplicate-key');
  if (twice !== undefined)
    throw new NotaryError(code, `two members ${quoted(formatPath(twice.path))}`);
  return value;
}
