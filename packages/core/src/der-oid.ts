/** Longer ones are in no registry; what reads and compares them takes time with their length. */
const MAX_OID_OCTETS = 64;

/** No OID of so many octets is longer than this in dotted form; what is takes no time. */
const MAX_OID_CHARACTERS = 4 * MAX_OID_OCTETS + 4;

/** Arcs beyond this are read again with BigInt: another seven bits may not fit a double. */
const MAX_PLAIN_ARC = 2 ** 45;

/**
 * The dotted form of an OBJECT IDENTIFIER (X.690 8.19), whose content octets are those of `bytes` from
 * `start` up to `end`; undefined if malformed.
 */
export function oidText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (start === end || end - start > MAX_OID_OCTETS) return undefined;
  if ((bytes[end - 1] ?? 0) >= 0x80) return undefined;
  let text = '';
  let arc = 0;
  let fresh = true;
  for (let at = start; at < end; at++) {
    const octet = bytes[at] ?? 0;
    // X.690 8.19.2: no arc begins with a group of zeros.
    if (fresh && octet === 0x80) return undefined;
    if (arc > MAX_PLAIN_ARC) return longOidText(bytes.subarray(start, end));
    arc = arc * 128 + (octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    text += text === '' ? firstArcs(arc) : `.${arc}`;
    arc = 0;
  }
  return text;
}

/** X.690 8.19.4: the first two arcs share one number; only the arc 2 has children above 39. */
function firstArcs(arc: number): string {
  const first = Math.min(2, Math.floor(arc / 40));
  return `${first}.${arc - first * 40}`;
}

/** Any size of arc, as in 2.25 followed by a UUID (X.667). */
function longOidText(content: Uint8Array): string | undefined {
  let text = '';
  let arc = 0n;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) return undefined;
    arc = arc * 128n + BigInt(octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    // An arc this long can only be below 2, so that the first number is 80 and what follows.
    text += text === '' ? longFirstArcs(arc) : `.${arc}`;
    arc = 0n;
  }
  return text;
}

function longFirstArcs(arc: bigint): string {
  return arc < 80n ? firstArcs(Number(arc)) : `2.${arc - 80n}`;
}

/** The content octets of an OBJECT IDENTIFIER in dotted form; undefined if it is none. */
export function oidContent(dotted: string): Uint8Array | undefined {
  if (dotted.length > MAX_OID_CHARACTERS) return undefined;
  if (!/^(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*$/.test(dotted))
    return undefined;
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const group = [Number(arc % 128n)];
    for (let high = arc / 128n; high > 0n; high /= 128n) group.unshift(0x80 | Number(high % 128n));
    octets.push(...group);
  }
  return octets.length > MAX_OID_OCTETS ? undefined : Uint8Array.from(octets);
}
