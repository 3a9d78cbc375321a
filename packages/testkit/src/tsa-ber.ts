import { concatBytes, DerReader, TAG } from '@nv2/core';

/** Forms that BER has and DER has not. */
export interface BerForms {
  /** Constructed elements of indefinite length. */
  readonly indefinite?: boolean;
  /** Lengths in more octets than they need. */
  readonly longLengths?: boolean;
  /** Octet strings in segments of so many octets. */
  readonly segment?: number;
  /** Elements of a SET from the last to the first. */
  readonly reverseSets?: boolean;
}

/**
 * The same element in other forms of BER. Elements under a context tag of the primitive kind are
 * left alone, and so is what is inside strings.
 */
export function toBer(der: Uint8Array, forms: BerForms): Uint8Array {
  const reader = new DerReader(der);
  const element = rewrite(reader, forms);
  reader.finish();
  return element;
}

function rewrite(reader: DerReader, forms: BerForms): Uint8Array {
  const tag = reader.peek();
  if (tag === TAG.octetString && forms.segment !== undefined)
    return segmented(reader.content(tag), { ...forms, segment: forms.segment });
  if ((tag & 0x20) === 0) return primitive(tag, reader.content(tag), forms);
  const inner = reader.enter(tag);
  const members: Uint8Array[] = [];
  while (!inner.done) members.push(rewrite(inner, forms));
  if (tag === TAG.set && forms.reverseSets === true) members.reverse();
  return constructed(tag, concatBytes(...members), forms);
}

function primitive(tag: number, content: Uint8Array, forms: BerForms): Uint8Array {
  return concatBytes(Uint8Array.of(tag), length(content.length, forms), content);
}

function constructed(tag: number, content: Uint8Array, forms: BerForms): Uint8Array {
  return forms.indefinite === true
    ? concatBytes(Uint8Array.of(tag, 0x80), content, Uint8Array.of(0, 0))
    : concatBytes(Uint8Array.of(tag), length(content.length, forms), content);
}

function segmented(
  content: Uint8Array,
  forms: BerForms & { readonly segment: number },
): Uint8Array {
  const segments: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += forms.segment)
    segments.push(primitive(TAG.octetString, content.subarray(at, at + forms.segment), forms));
  return constructed(TAG.octetString | 0x20, concatBytes(...segments), forms);
}

/** X.690 8.1.3: four octets where one or two would do, or as few as possible. */
function length(value: number, { longLengths = false }: BerForms): Uint8Array {
  if (value < 0x80 && !longLengths) return Uint8Array.of(value);
  const octets = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  const minimal = longLengths ? octets : octets.slice(octets.findIndex((octet) => octet !== 0));
  return Uint8Array.of(0x80 | minimal.length, ...minimal);
}
