import { NotaryError } from '../errors.ts';
import {
  type Decoder,
  decodeGoJson,
  type FileNote,
  type GoDecodeOptions,
} from '../files/go-decode.ts';
import { type PlaceFinder, placesInGoJson } from '../files/go-places.ts';
import type { TextPlace } from '../files/text-place.ts';
import type { ValuePath } from '../value-path.ts';
import {
  type IgnoredField,
  ignoredField,
  isReasonFor,
  MAX_COMPARED_FIELDS,
} from './ignored-field.ts';
import { policyOctets } from './policy-octets.ts';
import type { BrokenAt } from './rules.ts';

/** A policy file larger than this is refused. */
export const MAX_POLICY_BYTES: number = 4 * 1024 * 1024;

/** How tolerant the reading of a policy is. */
export interface ParsePolicyOptions {
  /** Accept bytes after the document, as the reference does when it verifies. Default false. */
  readonly allowTrailingData?: boolean;
}

/** The two policies of notation's format: about images, and about blobs. */
export interface NotationPolicyFormat<Raw, Statement> {
  readonly policy: 'oci' | 'blob';
  readonly decoder: Decoder<Raw>;
  readonly zero: Raw;
  /** @throws NotaryError `NOTARY_POLICY_INVALID` */
  readonly validate: (policy: Raw) => readonly Statement[];
  /**
   * The part of `validate` that is made after every statement was looked at, if there is one.
   *
   * @throws NotaryError `NOTARY_POLICY_INVALID`
   */
  readonly assertLast?: (policy: Raw) => void;
}

/**
 * Reads and validates a policy in notation's format. Where it is in the text that a policy is wrong is
 * found out only then.
 *
 * @throws NotaryError `NOTARY_POLICY_MALFORMED`, `NOTARY_POLICY_INVALID`, with the place in `data`
 */
export function readNotationPolicy<Raw, Statement>(
  bytes: Uint8Array,
  format: NotationPolicyFormat<Raw, Statement>,
  options: ParsePolicyOptions,
): {
  readonly version: '1.0';
  readonly statements: readonly Statement[];
  readonly notes: readonly FileNote[];
} {
  let read: { readonly value: Raw; readonly notes: readonly FileNote[] } | undefined;
  try {
    read = decodeGoJson(policyOctets(bytes), format.decoder, decoding(format, options));
    return { version: '1.0', statements: format.validate(read.value), notes: read.notes };
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    const { notes = [], value } = read ?? {};
    const tell = (one: NotaryError, last?: NotaryError): NotaryError =>
      placed(withIgnored(one, notes), { bytes, format, last });
    const last = value && lastMistake(value, format);
    throw tell(error, last && tell(last));
  }
}

function lastMistake<Raw, Statement>(
  policy: Raw,
  { assertLast }: NotationPolicyFormat<Raw, Statement>,
): NotaryError | undefined {
  try {
    assertLast?.(policy);
    return undefined;
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    return error;
  }
}

/**
 * Finds places in a policy in notation's format.
 *
 * @throws NotaryError `NOTARY_POLICY_MALFORMED` if it is not JSON
 */
export function notationPolicyPlaces<Raw, Statement>(
  bytes: Uint8Array,
  format: NotationPolicyFormat<Raw, Statement>,
): PlaceFinder {
  return placesInGoJson(policyOctets(bytes), format.decoder, decoding(format, {}));
}

function decoding<Raw, Statement>(
  { zero }: NotationPolicyFormat<Raw, Statement>,
  { allowTrailingData = false }: ParsePolicyOptions,
): GoDecodeOptions<Raw> {
  return {
    code: 'NOTARY_POLICY_MALFORMED',
    maxBytes: MAX_POLICY_BYTES,
    zero,
    allowTrailingData,
  };
}

// A field that has to be there and is not may only be called otherwise, or stand elsewhere.
function withIgnored(error: NotaryError, notes: readonly FileNote[]): NotaryError {
  const { code, message, data, hint } = error;
  const { missing = [] } = data as Partial<BrokenAt>;
  const ignored = missing.length === 0 ? undefined : ignoredInPlaceOf(missing, notes);
  if (ignored === undefined) return error;
  const { path, meant } = ignored;
  return new NotaryError(code, `${message}: ${ignored.message}`, {
    cause: error,
    data: { ...data, path, part: 'key', meant },
    hint,
  });
}

function ignoredInPlaceOf(
  missing: readonly ValuePath[],
  notes: readonly FileNote[],
): IgnoredField | undefined {
  const [, statement] = missing[0] ?? [];
  return notes
    .filter(({ path: [, within] }) => within === undefined || within === statement)
    .slice(0, MAX_COMPARED_FIELDS)
    .map(ignoredField)
    .find((one) => one !== undefined && missing.some((field) => isReasonFor(one, field)));
}

function placed<Raw, Statement>(
  error: NotaryError,
  {
    bytes,
    format,
    last,
  }: {
    readonly bytes: Uint8Array;
    readonly format: NotationPolicyFormat<Raw, Statement>;
    readonly last: NotaryError | undefined;
  },
): NotaryError {
  const { code, message, data, hint } = error;
  const told = {
    message,
    ...data,
    ...(code === 'NOTARY_POLICY_INVALID' && format.policy === 'blob' && { policy: 'blob' }),
  };
  const { path, part } = data as Partial<BrokenAt>;
  if (path === undefined) return new NotaryError(code, message, { cause: error, data: told, hint });
  const place = notationPolicyPlaces(bytes, format)(path, part);
  return new NotaryError(code, message, {
    cause: error,
    data: { ...told, ...place, ...(last && isBefore(last.data, place) && { earlier: last.data }) },
    hint: hint ?? 'correct the trust policy at that place',
  });
}

// The reference's order of rules is not that of the text.
function isBefore({ line, column }: NotaryError['data'], place: TextPlace): boolean {
  return Number(line) < place.line || (line === place.line && Number(column) < place.column);
}
