// What the codecs of core cost: strict JSON beside JSON.parse, CBOR, DER and base64, in µs.
import {
  cborTag,
  concatBytes,
  DerReader,
  decodeBase64,
  decodeCbor,
  derEncode,
  derInteger,
  derOid,
  encodeBase64,
  encodeCbor,
  parseJson,
  TAG,
} from '@nv2/core';
import { measure, measurePair, printTable } from './measure.ts';

/** Octets of a usual three-certificate RSA chain, one certificate each. */
const CERTIFICATE_OCTETS = 1000;

/** An image manifest of about 4 KB, as a registry serves it. */
function manifest(): string {
  const layers = Array.from({ length: 18 }, (_, i) => ({
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: `sha256:${(i + 16).toString(16).repeat(32)}`,
    size: 1_000_003 * (i + 1),
    annotations: { 'org.opencontainers.image.title': `layer ${i}` },
  }));
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: `sha256:${'a'.repeat(64)}`,
      size: 7023,
    },
    layers,
  });
}

/** What a COSE_Sign1 envelope of the Notary Project holds: both headers, payload, signature. */
function envelope(): { readonly outer: Uint8Array; readonly protectedHeader: Uint8Array } {
  const certificate = new Uint8Array(CERTIFICATE_OCTETS).fill(0x30);
  const protectedHeader = encodeCbor(
    new Map<number | string, number | string | string[] | ReturnType<typeof cborTag>>([
      [1, -37],
      [2, ['io.cncf.notary.signingScheme', 'io.cncf.notary.expiry']],
      [3, 'application/vnd.cncf.notary.payload.v1+json'],
      ['io.cncf.notary.expiry', cborTag(1, 1_700_086_400)],
      ['io.cncf.notary.signingTime', cborTag(1, 1_700_000_000)],
      ['io.cncf.notary.signingScheme', 'notary.x509'],
    ]),
  );
  const unprotected = new Map<number | string, string | Uint8Array[]>([
    [33, [certificate, certificate, certificate]],
    ['io.cncf.notary.signingAgent', 'nv2/0.1.0'],
  ]);
  const payload = new Uint8Array(210);
  const signature = new Uint8Array(256);
  const outer = encodeCbor(cborTag(18, [protectedHeader, unprotected, payload, signature]));
  return { outer, protectedHeader };
}

/** A structure as deep and as finely divided as a certificate's: 60 attributes with their OIDs. */
function derStructure(): Uint8Array {
  const attribute = derEncode(
    TAG.sequence,
    derOid('1.2.840.113549.1.9.1'),
    derInteger(65537),
    derEncode(TAG.utf8String, new Uint8Array(12)),
  );
  const set = derEncode(TAG.set, attribute);
  return derEncode(TAG.sequence, concatBytes(...Array.from({ length: 60 }, () => set)));
}

function readDer(bytes: Uint8Array): number {
  const outer = new DerReader(bytes).enter(TAG.sequence);
  let total = 0;
  while (!outer.done) {
    const attribute = outer.enter(TAG.set).enter(TAG.sequence);
    total += attribute.oid().length + attribute.smallInteger();
    total += attribute.content(TAG.utf8String).length;
    attribute.finish();
  }
  return total;
}

/** The worst of 4 KB for a parser that looks closely: escapes, and decimals. */
function scalars(): string {
  const lines = Array.from({ length: 110 }, (_, i) => `line ${i}\n\t"\u0001"`);
  return JSON.stringify({ lines, sizes: Array.from({ length: 200 }, (_, i) => i * 1.25) });
}

const text = manifest();
const hard = scalars();
const bytes = new TextEncoder().encode(text);
const { outer, protectedHeader } = envelope();
const der = derStructure();
const chain = encodeBase64(new Uint8Array(3 * CERTIFICATE_OCTETS));

const json = await measurePair(
  () => parseJson(text),
  () => JSON.parse(text),
);
const jsonBytes = await measurePair(
  () => parseJson(bytes),
  () => JSON.parse(new TextDecoder().decode(bytes)),
);
const jsonHard = await measurePair(
  () => parseJson(hard),
  () => JSON.parse(hard),
);
const cbor = await measure(() => [decodeCbor(outer), decodeCbor(protectedHeader)]);
const derTiming = await measure(() => readDer(der));
const base64 = await measure(() => decodeBase64(chain));

printTable(`codecs of core (${text.length} bytes of JSON, ${outer.length} bytes of CBOR)`, [
  { name: 'strict JSON, string', timing: json.first, unit: 'µs' },
  { name: 'JSON.parse, string', timing: json.second, unit: 'µs' },
  { name: 'strict JSON / JSON.parse', timing: json.ratio, unit: '×', atMost: 6 },
  { name: 'strict JSON / JSON.parse, octets', timing: jsonBytes.ratio, unit: '×', atMost: 6 },
  { name: 'strict JSON / JSON.parse, escapes', timing: jsonHard.ratio, unit: '×', atMost: 6 },
  { name: 'CBOR envelope and its protected header', timing: cbor, unit: 'µs', atMost: 20 },
  { name: `DER, ${der.length} bytes in 60 attributes`, timing: derTiming, unit: 'µs' },
  { name: 'base64 of 3,000 bytes', timing: base64, unit: 'µs' },
]);
