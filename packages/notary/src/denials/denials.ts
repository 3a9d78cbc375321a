import {
  CoreError,
  type CryptoPort,
  DIGEST_ALGORITHMS,
  defaultCrypto,
  encodeHex,
  formatDigest,
  isDigest,
  parseJson,
} from '@nv2/core';
import { NotaryError } from '../errors.ts';
import { fields, list, mistake, required, type Shape, text, word } from '../policy/own/shape.ts';

/**
 * What is not accepted whatever signatures say: the digests of artifacts, signature manifests,
 * signature envelopes and blobs, and why.
 */
export type Denials = ReadonlyMap<string, string>;

/** The version of the format of a denial list. */
export const DENIALS_VERSION = 'nv2/1';

/** A denial list larger than this is refused. */
export const MAX_DENIALS_BYTES: number = 4 * 1024 * 1024;

const MAX_DENIALS = 20_000;

interface DenialText {
  readonly digest: string;
  readonly reason: string;
}

interface DenialsText {
  readonly version: typeof DENIALS_VERSION;
  readonly denials: readonly DenialText[];
}

const DENIAL: Shape<DenialText> = fields<DenialText>(
  {
    digest: required(text('a digest as algorithm:hexadecimal digits in lower case', isDigest)),
    reason: required(text('a reason in one line', /^[^\p{Cc}]{1,1000}$/u)),
  },
  'a denial',
);

const DENIALS: Shape<DenialsText> = fields<DenialsText>(
  {
    version: required(word([DENIALS_VERSION])),
    denials: required(list(DENIAL, { min: 0, max: MAX_DENIALS })),
  },
  'a denial list',
);

/**
 * Reads a denial list, strictly: a list of which a part is not understood denies too little.
 *
 * ```json
 * {"version":"nv2/1","denials":[{"digest":"sha256:…","reason":"built by a stolen account"}]}
 * ```
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`; `data.path` leads to the place in the document
 */
export function parseDenials(bytes: Uint8Array): Denials {
  const { denials } = DENIALS.read(jsonOf(bytes), []);
  const read = new Map<string, string>();
  for (const [i, { digest, reason }] of denials.entries()) {
    if (read.has(digest)) {
      throw mistake(
        ['denials', i, 'digest'],
        `there is a denial of that digest already: ${digest}`,
      );
    }
    read.set(digest, reason);
  }
  return read;
}

/** @throws NotaryError `NOTARY_OWN_POLICY_INVALID` if it could not be read back */
export function encodeDenials(denials: Denials): Uint8Array {
  const items = [...denials].map(([digest, reason]) => ({ digest, reason }));
  const written = JSON.stringify({ version: DENIALS_VERSION, denials: items }, undefined, 2);
  const bytes = new TextEncoder().encode(`${written}\n`);
  parseDenials(bytes);
  return bytes;
}

/** @throws NotaryError `NOTARY_ARTIFACT_DENIED` */
export function assertNotDenied(denials: Denials | undefined, digest: string): void {
  refuse(denials, digest, { code: 'NOTARY_ARTIFACT_DENIED', what: 'artifact' });
}

/** What a digest is of that may be denied: the manifest of a signature, or its envelope. */
type SignaturePart = 'signature' | 'signature envelope';

/** @throws NotaryError `NOTARY_SIGNATURE_DENIED` */
export function assertSignatureNotDenied(
  denials: Denials | undefined,
  digest: string,
  what: SignaturePart,
): void {
  refuse(denials, digest, { code: 'NOTARY_SIGNATURE_DENIED', what });
}

/**
 * After return no digest of the bytes of a signature, of whichever algorithm, is denied: whoever lists
 * or names them chooses one.
 *
 * @throws NotaryError `NOTARY_SIGNATURE_DENIED`
 */
export async function assertSignatureBytesNotDenied(
  denials: Denials | undefined,
  bytes: Uint8Array,
  {
    what,
    crypto = defaultCrypto,
  }: { readonly what: SignaturePart; readonly crypto?: CryptoPort | undefined },
): Promise<void> {
  if (denials === undefined || denials.size === 0) return;
  for (const algorithm of DIGEST_ALGORITHMS) {
    const hex = encodeHex(await crypto.digest(algorithm, bytes));
    assertSignatureNotDenied(denials, formatDigest({ algorithm, hex }), what);
  }
}

function refuse(
  denials: Denials | undefined,
  digest: string,
  {
    code,
    what,
  }: {
    readonly code: 'NOTARY_ARTIFACT_DENIED' | 'NOTARY_SIGNATURE_DENIED';
    readonly what: 'artifact' | SignaturePart;
  },
): void {
  if (!denials?.has(digest)) return;
  const reason = denials.get(digest);
  throw new NotaryError(code, `the ${what} ${digest} is denied here: ${reason}`, {
    data: { digest, reason },
    hint: 'the denial list says so, whatever is signed; use another artifact or signature',
  });
}

function jsonOf(bytes: Uint8Array): ReturnType<typeof parseJson> {
  try {
    return parseJson(bytes, { maxBytes: MAX_DENIALS_BYTES });
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw new NotaryError('NOTARY_OWN_POLICY_INVALID', cause.message, {
      cause,
      data: { message: cause.message, line: cause.data['line'], column: cause.data['column'] },
      hint: 'correct the file at that place',
    });
  }
}
