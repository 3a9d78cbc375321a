import { createHash, randomBytes } from 'node:crypto';
import {
  derBitString,
  derEncode,
  derInteger,
  derOid,
  encodeUtf8,
  type KeySpec,
  type PrivateKey,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import {
  type Certificate,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  type ExtensionTemplate,
  parseTimestampRequest,
  TIMESTAMP_STATUSES,
  type TimestampStatus,
} from '@nv2/x509';
import { type MakeChainOptions, makeChain, type TestChain } from './certificates.ts';
import { defaultScheme } from './crl-message.ts';
import { type BerForms, toBer } from './tsa-ber.ts';
import {
  encodeTstInfo,
  makeTsaMessage,
  type TsaHash,
  type TsaMessageTemplate,
  type TstInfoTemplate,
  tsaHashOf,
} from './tsa-message.ts';

/** A timestamp authority for tests, and what it was made of. */
export interface TestTsa extends TestChain {
  /** `application/timestamp-query` to `application/timestamp-reply`; each request's own changes. */
  answer(request: Uint8Array, changes?: TsaChanges): Promise<Uint8Array>;
  /** A token for `content`, without nonce. */
  token(content: Uint8Array, changes?: TsaChanges): Promise<Uint8Array>;
}

/** What to do otherwise than a good authority does. */
export interface TsaChanges {
  /** The time of the timestamp, milliseconds since the epoch; default: that of the authority. */
  readonly time?: number;
  /** Replaces fields of the TSTInfo. `nonce: undefined` leaves it out. */
  readonly info?: Partial<TstInfoTemplate>;
  /** Replaces the TSTInfo as a whole. */
  readonly content?: Uint8Array;
  /** Replaces fields of the CMS message. */
  readonly message?: Partial<TsaMessageTemplate>;
  /** The certificates of the token, given those that a good one has. */
  readonly bag?: (certificates: readonly Certificate[]) => readonly Certificate[];
  /** Signs with the key of another authority, under this one's name. */
  readonly key?: PrivateKey;
  readonly scheme?: SignatureScheme;
  /** The token in BER. */
  readonly ber?: BerForms;
  readonly status?: TimestampStatus;
  /** Bits of PKIFailureInfo. */
  readonly failures?: readonly number[];
  readonly texts?: readonly string[];
  /** Answers `granted` without a token. */
  readonly withoutToken?: boolean;
}

/** Options of {@link makeTsa}: those of its chain, and what it says. */
export interface MakeTsaOptions extends Partial<MakeChainOptions> {
  /** Milliseconds since the epoch of every timestamp; default: the clock. */
  readonly time?: () => number;
  readonly policy?: string;
}

const POLICY = '1.3.6.1.4.1.99999.1';
const EC: KeySpec = { kind: 'ec', curve: 'P-256' };

/**
 * The extended key usage of a certificate, for `leaf.extensions` of {@link makeTsa}: what RFC 3161
 * 2.3 wants is timeStamping alone, critical.
 */
export function timestampingUsage(
  purposes: readonly string[] = [EXTENDED_KEY_USAGE.timeStamping],
  critical = true,
): ExtensionTemplate {
  const value = derEncode(TAG.sequence, ...purposes.map(derOid));
  return { oid: EXTENSION.extendedKeyUsage, critical, value };
}

/** A timestamp authority whose tokens are good, but for the changes asked for. */
export async function makeTsa(options: MakeTsaOptions = {}): Promise<TestTsa> {
  const { time = Date.now, policy = POLICY } = options;
  const made = await makeChain({
    algorithm: EC,
    depth: 3,
    commonName: 'test timestamp authority',
    ...options,
    leaf: { extensions: [keyIdentifier(), timestampingUsage()], ...options.leaf },
  });
  const makeToken = (imprint: Imprint, changes: TsaChanges): Promise<Uint8Array> =>
    signToken({ made, imprint, policy, time: changes.time ?? time() }, changes);
  return {
    ...made,
    token: (content, changes = {}) => {
      const hashedMessage = new Uint8Array(createHash('sha256').update(content).digest());
      return makeToken({ hash: 'sha256', hashedMessage }, changes);
    },
    answer: async (request, changes = {}) => {
      const { messageImprint, nonce, certReq } = parseTimestampRequest(request);
      const hash = tsaHashOf(messageImprint.hashAlgorithm);
      if (hash === undefined) return encodeResponse({ status: 'rejection', failures: [0] });
      if (changes.withoutToken === true || changes.status === 'rejection')
        return encodeResponse(changes);
      const imprint = { hash, hashedMessage: messageImprint.hashedMessage };
      const token = await makeToken(imprint, {
        ...(certReq ? {} : { bag: (): readonly Certificate[] => [] }),
        ...changes,
        info: { nonce, ...changes.info },
      });
      return encodeResponse(changes, token);
    },
  };
}

/** The method of RFC 5280 4.2.1.2 does not matter here: nobody compares it with the key. */
function keyIdentifier(): ExtensionTemplate {
  const value = derEncode(TAG.octetString, new Uint8Array(randomBytes(20)));
  return { oid: EXTENSION.subjectKeyIdentifier, critical: false, value };
}

interface Imprint {
  readonly hash: TsaHash;
  readonly hashedMessage: Uint8Array;
}

interface TokenContext {
  readonly made: TestChain;
  readonly imprint: Imprint;
  readonly policy: string;
  readonly time: number;
}

async function signToken(context: TokenContext, changes: TsaChanges): Promise<Uint8Array> {
  const { made, imprint, policy, time } = context;
  const [signer] = made.chain;
  if (signer === undefined) throw new Error('an authority has a certificate');
  const { bag = (all: readonly Certificate[]): readonly Certificate[] => all } = changes;
  const key = changes.key ?? made.leafKey;
  const content = encodeTstInfo({
    policy,
    imprint,
    serialNumber: new Uint8Array(randomBytes(16)),
    genTime: genTimeText(time),
    ...changes.info,
  });
  const der = await makeTsaMessage({
    content: changes.content ?? content,
    signer,
    key,
    scheme: changes.scheme ?? defaultScheme(key),
    certificates: bag(made.chain).map((certificate) => certificate.der),
    ...changes.message,
  });
  return changes.ber === undefined ? der : toBer(der, changes.ber);
}

/** RFC 3161 2.4.2: a fraction has no trailing zeros. */
function genTimeText(time: number): string {
  const [clock = '', fraction = ''] = new Date(time).toISOString().split(/[.Z]/);
  const digits = fraction.replace(/0+$/, '');
  return `${clock.replace(/[-:T]/g, '')}${digits === '' ? '' : `.${digits}`}Z`;
}

/** TimeStampResp, RFC 3161 2.4.2. */
function encodeResponse(changes: TsaChanges, token?: Uint8Array): Uint8Array {
  const { status = 'granted', texts = [], failures = [] } = changes;
  const info = derEncode(
    TAG.sequence,
    derInteger(TIMESTAMP_STATUSES.indexOf(status)),
    ...(texts.length === 0 ? [] : [derEncode(TAG.sequence, ...texts.map(encodeText))]),
    ...(failures.length === 0 ? [] : [encodeBits(failures)]),
  );
  return derEncode(TAG.sequence, info, ...(token === undefined ? [] : [token]));
}

function encodeText(text: string): Uint8Array {
  return derEncode(TAG.utf8String, encodeUtf8(text));
}

/** X.690 11.2.2: named bits without trailing zeros. */
function encodeBits(bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return derBitString(bytes, 7 - (last & 7));
}
