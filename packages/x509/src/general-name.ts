import { contextTag, type DerReader } from '@nv2/core';
import { ia5Text } from './directory-string.ts';
import { malformed } from './errors.ts';
import { type Name, readName } from './name.ts';

/** A GeneralName, RFC 5280 4.2.1.6. */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly value: string }
  | { readonly kind: 'directory'; readonly name: Name }
  /** In a subtree of name constraints: address and mask, so 8 or 32 octets; else 4 or 16. */
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  /** otherName, x400Address, ediPartyName, registeredID: kept, not looked into. */
  | { readonly kind: 'other'; readonly tag: number; readonly der: Uint8Array };

const EMAIL = contextTag(1, false);
const DNS = contextTag(2, false);
const DIRECTORY = contextTag(4, true);
const URI = contextTag(6, false);
/** The tag of an iPAddress. */
export const IP_ADDRESS: number = contextTag(7, false);
const OTHER: readonly number[] = [
  contextTag(0, true),
  contextTag(3, true),
  contextTag(5, true),
  contextTag(8, false),
];

/**
 * Reads a GeneralName. Texts are ASCII; what they say is not looked into here: the URL of a CRL or a
 * responder that is none is found out by whoever asks for it.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readGeneralName(reader: DerReader): GeneralName {
  const tag = reader.peek();
  switch (tag) {
    case EMAIL:
      return { kind: 'email', value: ia5Text(reader.content(tag)) };
    case DNS:
      return { kind: 'dns', value: ia5Text(reader.content(tag)) };
    case URI:
      return { kind: 'uri', value: ia5Text(reader.content(tag)) };
    case IP_ADDRESS: {
      const value = reader.content(tag);
      if (value.length !== 4 && value.length !== 16)
        malformed(`an IP address has ${value.length} octets, expected 4 or 16`);
      return { kind: 'ip', value };
    }
    case DIRECTORY: {
      // A CHOICE under a context tag is tagged explicitly (X.680 31.2.7).
      const explicit = reader.enter(tag);
      const name = readName(explicit);
      explicit.finish();
      return { kind: 'directory', name };
    }
    default:
      if (!OTHER.includes(tag)) malformed(`a general name has the tag 0x${tag.toString(16)}`);
      return { kind: 'other', tag, der: reader.element() };
  }
}

/** General names of one list: what a signer, an authority or a distribution point is called. */
const MAX_GENERAL_NAMES = 1024;

/**
 * Reads all general names up to the end of `reader`, at least one and at most 1,024; each as `read`
 * has it.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readEachGeneralName<T>(
  reader: DerReader,
  read: (reader: DerReader) => T,
): readonly T[] {
  const names: T[] = [];
  do {
    if (names.length === MAX_GENERAL_NAMES)
      malformed(`expected at most ${MAX_GENERAL_NAMES} general names`);
    names.push(read(reader));
  } while (!reader.done);
  return names;
}

/** The same, decoded. */
export function readGeneralNames(reader: DerReader): readonly GeneralName[] {
  return readEachGeneralName(reader, readGeneralName);
}
