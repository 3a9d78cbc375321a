// Timestamps judged by nv2 and by tspclient-go with notation-core-go.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derEncode, derOid, encodeUtf8, TAG } from '@nv2/core';
import { type MakeTsaOptions, makeTsa, type TsaChanges, timestampingUsage } from '@nv2/testkit';
import {
  type Certificate,
  CMS_ATTRIBUTE,
  EXTENDED_KEY_USAGE,
  verifyTimestampToken,
  X509Error,
} from '@nv2/x509';
import { askPeer } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';
import { sequence } from './sequence.ts';

const TIME = Date.parse('2026-03-01T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const CONTENT = encodeUtf8('the octets of a signature');
const { codeSigning, timeStamping, any } = EXTENDED_KEY_USAGE;

interface Case {
  readonly name: string;
  readonly token: Uint8Array;
  readonly roots: readonly Certificate[];
}

/** Where nv2 and the reference differ on purpose. */
const DIFFERENCES: readonly { readonly cases: RegExp; readonly nv2: 'accepts' | 'refuses' }[] = [
  // RFC 5652 5.3: the reference knows issuer and serial number only
  { cases: /^key identifier$/, nv2: 'accepts' },
  // it reads neither indefinite lengths nor strings in segments
  { cases: /^BER indefinite/, nv2: 'accepts' },
  { cases: /^BER segments/, nv2: 'accepts' },
  // nor long lengths of what is empty and last
  { cases: /^BER long lengths$/, nv2: 'accepts' },
  // RFC 3161 2.4.2: no signature but one, and extensions that are critical are understood
  { cases: /^two signers$/, nv2: 'refuses' },
  { cases: /^critical extension$/, nv2: 'refuses' },
  // RFC 3161 2.4.2: the time is in UTC; the reference looks at that only when it signs
  { cases: /^time in another zone$/, nv2: 'refuses' },
  // RFC 3161 2.4.2: an accuracy has at most 999 thousandths
  { cases: /^accuracy of 1000 milliseconds$/, nv2: 'refuses' },
  // RFC 5035 5: it does not read the attribute of RFC 2634
  { cases: /^older attribute about another certificate$/, nv2: 'refuses' },
  // RFC 5652 11: an attribute has one value
  { cases: /^two content types$/, nv2: 'refuses' },
  // a limit: RFC 3161 2.4.2 asks for 160 bits
  { cases: /^serial number of 65 octets$/, nv2: 'refuses' },
];

function tsaOf(options: MakeTsaOptions = {}): ReturnType<typeof makeTsa> {
  return makeTsa({ time: () => TIME, now: new Date(TIME), ...options });
}

async function messageCases(): Promise<Case[]> {
  const tsa = await tsaOf();
  const stranger = await tsaOf();
  const [signer] = tsa.chain;
  const [other] = stranger.chain;
  assert.ok(signer !== undefined && other !== undefined);
  const oid = derOid('1.2.3');
  const attribute = (type: string, values: readonly Uint8Array[] = []): TsaChanges => ({
    message: { attributes: new Map([[type, values]]) },
  });
  const extension = { oid: '1.2.3', value: new Uint8Array() };
  const changes: Readonly<Record<string, TsaChanges>> = {
    good: {},
    'other content': { info: { imprint: { hash: 'sha256', hashedMessage: new Uint8Array(32) } } },
    'imprint with SHA-1': {
      info: { imprint: { hash: 'sha1', hashedMessage: new Uint8Array(20) } },
    },
    'version 2': { info: { version: 2 } },
    accuracy: { info: { accuracy: { seconds: 3, milliseconds: 2, microseconds: 1 } } },
    'accuracy of 1000 milliseconds': { info: { accuracy: { milliseconds: 1000 } } },
    'best practice policy': { info: { policy: '0.4.0.2023.1.1' } },
    'time with a fraction': { time: TIME + 123 },
    'time without seconds': { info: { genTime: '202603011200Z' } },
    'time with a trailing zero': { info: { genTime: '20260301120000.10Z' } },
    'time in another zone': { info: { genTime: '20260301120000+0100' } },
    ordering: { info: { ordering: true } },
    nonce: { info: { nonce: Uint8Array.of(7) } },
    extension: { info: { extensions: [extension] } },
    'critical extension': { info: { extensions: [{ ...extension, critical: true }] } },
    'serial number of 65 octets': { info: { serialNumber: new Uint8Array(65).fill(1) } },
    'other content type': { message: { contentType: '1.2.840.113549.1.7.1' } },
    'message version 1': { message: { version: 1 } },
    'signer version 2': { message: { signerVersion: 2 } },
    'no signer': { message: { signers: 0 } },
    'two signers': { message: { signers: 2 } },
    'no signed attributes': { message: { withoutAttributes: true } },
    'attributes out of order': { message: { reverseAttributes: true } },
    'key identifier': { message: { sid: 'key-id' } },
    'content type signed otherwise': attribute(CMS_ATTRIBUTE.contentType, [oid]),
    'two content types': attribute(CMS_ATTRIBUTE.contentType, [
      derOid('1.2.840.113549.1.9.16.1.4'),
      oid,
    ]),
    'digest signed otherwise': attribute(CMS_ATTRIBUTE.messageDigest, [
      derEncode(TAG.octetString, new Uint8Array(32)),
    ]),
    'no content type signed': attribute(CMS_ATTRIBUTE.contentType),
    'no digest signed': attribute(CMS_ATTRIBUTE.messageDigest),
    'no certificate signed': attribute(CMS_ATTRIBUTE.signingCertificateV2),
    'certificate by SHA-1': { message: { certificateHash: 'sha1' } },
    'certificate by SHA-384': { message: { certificateHash: 'sha384' } },
    'certificate without issuer': { message: { issuerSerial: false } },
    'another certificate': { message: { namedSigner: other } },
    'older attribute as well': { message: { olderNamedSigner: signer } },
    'older attribute about another certificate': { message: { olderNamedSigner: other } },
    'digest with SHA-1': { message: { digest: 'sha1' } },
    'spoilt signature': { message: { breakSignature: true } },
    'another key': { key: stranger.leafKey },
    'signing time': { message: { signingTime: TIME } },
    'signing time before its certificate': { message: { signingTime: TIME - 2 * DAY } },
    'before its certificate': { time: TIME - 2 * DAY },
    'after its certificate': { time: TIME + 366 * DAY },
    'no bag': { bag: () => [] },
    'bag without the signer': { bag: (all) => all.slice(1) },
    'bag without the intermediate': { bag: (all) => all.slice(0, 1) },
    'bag without the root': { bag: (all) => all.slice(0, 2) },
    'bag reversed': { bag: (all) => all.toReversed() },
    'bag twice': { bag: (all) => [...all, ...all] },
    'bag with a stranger first': { bag: (all) => [...stranger.chain, ...all] },
    'BER indefinite': { ber: { indefinite: true } },
    'BER segments': { ber: { segment: 10 } },
    'BER long lengths': { ber: { longLengths: true } },
  };
  const cases: Case[] = [];
  for (const [name, change] of Object.entries(changes))
    cases.push({ name, token: await tsa.token(CONTENT, change), roots: [tsa.root] });
  const token = await tsa.token(CONTENT);
  cases.push({ name: 'no root', token, roots: [] });
  cases.push({ name: "a stranger's root", token, roots: [stranger.root] });
  cases.push({ name: 'two roots', token, roots: [stranger.root, tsa.root] });
  return cases;
}

async function chainCases(): Promise<Case[]> {
  const usage = (purposes: readonly string[], critical = true): MakeTsaOptions => ({
    leaf: { extensions: [timestampingUsage(purposes, critical)] },
  });
  const rsa = { kind: 'rsa', modulusBits: 2048 } as const;
  const options: Readonly<Record<string, MakeTsaOptions>> = {
    'chain of 1': { depth: 1 },
    'chain of 2': { depth: 2 },
    'RSA authority': { algorithm: rsa },
    'RSA CAs': { authority: rsa },
    'P-521': { algorithm: { kind: 'ec', curve: 'P-521' } },
    'for code signing': usage([codeSigning]),
    'for timestamps and code signing': usage([timeStamping, codeSigning]),
    'for anything': usage([any]),
    'usage not critical': usage([timeStamping], false),
    'for timestamps and something unknown': usage([timeStamping, '1.2.3']),
    'CA for code signing': { intermediate: { extendedKeyUsage: [codeSigning] } },
    'CA for timestamps': { intermediate: { extendedKeyUsage: [timeStamping] } },
    'CA for anything': { intermediate: { extendedKeyUsage: [any] } },
    'root for code signing': { root: { extendedKeyUsage: [codeSigning] } },
    'leaf that may sign certificates': {
      leaf: { keyUsage: ['digitalSignature', 'keyCertSign'], extensions: [timestampingUsage()] },
    },
    'leaf without digitalSignature': {
      leaf: { keyUsage: ['contentCommitment'], extensions: [timestampingUsage()] },
    },
    'leaf that is a CA': {
      leaf: { basicConstraints: { ca: true }, extensions: [timestampingUsage()] },
    },
    'intermediate that is no CA': { intermediate: { basicConstraints: { ca: false } } },
    'CA that may not sign certificates': { intermediate: { keyUsage: ['cRLSign'] } },
    'path too long': { root: { basicConstraints: { ca: true, pathLength: 0 } } },
    'expired intermediate': { intermediate: { notAfter: TIME - 1000 } },
    'expired root': { root: { notAfter: TIME - 1000 } },
  };
  const cases: Case[] = [];
  for (const [name, option] of Object.entries(options)) {
    const tsa = await tsaOf(option);
    cases.push({ name, token: await tsa.token(CONTENT), roots: [tsa.root] });
  }
  return cases;
}

/** A good token with one octet changed, so many times. */
async function damagedCases(count: number): Promise<Case[]> {
  const tsa = await tsaOf();
  const token = await tsa.token(CONTENT, { info: { accuracy: { seconds: 1 } } });
  const random = sequence(3161);
  return Array.from({ length: count }, () => {
    const at = random(token.length);
    const damaged = Uint8Array.from(token);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
    return { name: `damaged at ${at}`, token: damaged, roots: [tsa.root] };
  });
}

interface Verdict {
  readonly earliest: number;
  readonly latest: number;
  readonly chain: readonly string[];
}

async function judge({ token, roots }: Case): Promise<Verdict | string> {
  try {
    const options = { content: CONTENT, anchors: roots };
    const { earliest, latest, chain } = await verifyTimestampToken(token, options);
    const ders = chain.certificates.map(({ der }) => Buffer.from(der).toString('base64'));
    return { earliest, latest, chain: ders };
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

const skip = await skipWithoutPeers('nv2-peer');

/** Judges all on both sides; what differs is given to `differs`, what both accept is compared. */
async function compare(
  cases: readonly Case[],
  differs: (found: { readonly name: string; readonly nv2: string; readonly go: string }) => void,
): Promise<number> {
  const answers = await askPeer(
    'timestamp-verify',
    cases.map(({ token, roots }) => ({
      token,
      content: CONTENT,
      roots: roots.map(({ der }) => der),
    })),
  );
  let same = 0;
  for (const [i, one] of cases.entries()) {
    const verdict = await judge(one);
    const answer = answers[i];
    assert.ok(answer !== undefined);
    const accepted = typeof verdict !== 'string';
    if (accepted !== answer.ok) {
      const go = answer.ok ? 'accepted' : `${answer.stage}: ${answer.error}`;
      differs({ name: one.name, nv2: accepted ? 'accepted' : verdict, go });
      continue;
    }
    same++;
    if (!accepted) continue;
    assert.deepEqual(verdict.chain, answer.chain, one.name);
    // ours is widened to whole milliseconds
    assert.ok(Math.abs(verdict.earliest - Date.parse(answer.earliest)) <= 1, one.name);
    assert.ok(Math.abs(verdict.latest - Date.parse(answer.latest)) <= 1, one.name);
  }
  return same;
}

describe('timestamps under nv2 and tspclient-go', { skip }, () => {
  test('each defect has the same verdict, but where the difference is listed', async () => {
    const cases = [...(await messageCases()), ...(await chainCases())];
    const unlisted: unknown[] = [];
    const seen = new Set<unknown>();
    const same = await compare(cases, (found) => {
      const nv2 = found.nv2 === 'accepted' ? 'accepts' : 'refuses';
      const listed = DIFFERENCES.find((entry) => entry.cases.test(found.name) && entry.nv2 === nv2);
      if (listed === undefined) unlisted.push(found);
      else seen.add(listed);
    });
    assert.deepEqual(unlisted, []);
    const stale = DIFFERENCES.filter((entry) => !seen.has(entry));
    assert.deepEqual(stale, [], 'differences that there are no more');
    process.stdout.write(`timestamps: ${cases.length} cases, ${same} the same verdict\n`);
  });

  test('no damaged token is accepted that the reference refuses', async () => {
    const laxer: unknown[] = [];
    const cases = await damagedCases(600);
    const same = await compare(cases, (found) => {
      // it decodes certificates that the chain does not need, and TRUE only as DER has it
      const needless = /failed to parse X\.509 certificates from signed data/.test(found.go);
      if (found.nv2 === 'accepted' && !needless) laxer.push(found);
    });
    assert.deepEqual(laxer, []);
    process.stdout.write(`damaged timestamps: ${cases.length}, ${same} the same verdict\n`);
  });
});
