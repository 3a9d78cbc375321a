// Damage to DER that keeps every length right, so that it gets as far into a decoder as can be.
import { CoreError, DerReader, derEncode, TAG } from '@nv2/core';
import fc from 'fast-check';

/** An element; what an OCTET STRING holds is elements as well, wherever it can be read as such. */
interface Element {
  tag: number;
  inside: Uint8Array | Element[];
}

/** One change: of which element, what, and with what. */
interface Change {
  readonly at: number;
  readonly kind: 'remove' | 'repeat' | 'empty' | 'retag' | 'refill' | 'replace' | 'wrap' | 'edit';
  readonly other: number;
  readonly octets: Uint8Array;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('remove', 'repeat', 'empty', 'retag', 'refill', 'replace', 'wrap', 'edit'),
  other: fc.nat(),
  octets: fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc.constantFrom(...[[0], [0xff], [0x80], [0, 0x80], [1]].map((list) => Uint8Array.from(list))),
  ),
});

/** One of these messages, with one to three changes. */
export function damaged(messages: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...messages), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([message, changes]) => {
      let elements = read(message);
      for (const one of changes) elements = apply(elements, one);
      return encode(elements);
    });
}

const TAGS = [...Object.values(TAG), 0x80, 0x81, 0x82, 0x86, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4];

function apply(elements: Element[], { at, kind, other, octets }: Change): Element[] {
  const all = flat(elements);
  const { list, index } = all[at % all.length] ?? { list: elements, index: 0 };
  const element = list[index];
  const donor = all[other % all.length];
  if (element === undefined || donor === undefined) return elements;
  switch (kind) {
    case 'remove':
      list.splice(index, 1);
      break;
    case 'repeat':
      list.splice(index, 0, structuredClone(element));
      break;
    case 'empty':
      element.inside = new Uint8Array();
      break;
    case 'retag':
      element.tag = TAGS[other % TAGS.length] ?? 0;
      break;
    case 'refill':
      element.inside = octets;
      break;
    case 'replace':
      list[index] = structuredClone(donor.list[donor.index] ?? element);
      break;
    case 'wrap':
      list[index] = { tag: TAGS[other % TAGS.length] ?? 0, inside: [element] };
      break;
    case 'edit':
      if (element.inside instanceof Uint8Array && element.inside.length > 0)
        element.inside[other % element.inside.length] = octets[0] ?? 0;
  }
  return elements;
}

interface Place {
  readonly list: Element[];
  readonly index: number;
}

function flat(list: Element[]): Place[] {
  return list.flatMap(({ inside }, index) => [
    { list, index },
    ...(Array.isArray(inside) ? flat(inside) : []),
  ]);
}

function read(der: Uint8Array): Element[] {
  const reader = new DerReader(der);
  const elements: Element[] = [];
  while (!reader.done) {
    const tag = reader.peek();
    const content = Uint8Array.from(reader.content(tag));
    const isNested = (tag & 0x20) !== 0 || tag === TAG.octetString;
    elements.push({ tag, inside: isNested ? readOr(content) : content });
  }
  return elements;
}

function readOr(content: Uint8Array): Uint8Array | Element[] {
  try {
    return read(content);
  } catch (error) {
    if (error instanceof CoreError) return content;
    throw error;
  }
}

function encode(elements: readonly Element[]): Uint8Array {
  const parts = elements.map(({ tag, inside }) =>
    derEncode(tag, inside instanceof Uint8Array ? inside : encode(inside)),
  );
  return Buffer.concat(parts).subarray();
}
