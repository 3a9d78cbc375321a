// Blobs signed by nv2 under notation-go and the other way round: four key types, two formats, both
// directions, and for each cell what both must refuse. Then blob trust policies under both.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodePem, encodeUtf8, type KeySpec } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import {
  directoryTrustStore,
  NotaryError,
  parseBlobTrustPolicy,
  selectBlobStatement,
  signBlob,
  VerificationError,
  verifyBlob,
} from '@nv2/notary';
import { makeChain, type TestChain } from '@nv2/testkit';
import { policyRuleWords } from '../packages/cli/src/text/notation-policy.ts';
import { policyCases } from './differential/policy-cases.ts';
import { askPeer, askPeerOnce } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';

const ALGORITHMS: Readonly<Record<string, KeySpec>> = {
  'RSA-2048': { kind: 'rsa', modulusBits: 2048 },
  'EC-256': { kind: 'ec', curve: 'P-256' },
  'EC-384': { kind: 'ec', curve: 'P-384' },
  'EC-521': { kind: 'ec', curve: 'P-521' },
};
const FORMATS = { jws: JWS_MEDIA_TYPE, cose: COSE_MEDIA_TYPE } as const;
const BLOB = encodeUtf8('what both sign');
const MEDIA_TYPE = 'text/plain; charset=utf-8';
const METADATA = { 'io.example.b': '2 & <3>', 'io.example.a': 'ä' };
const SIGNERS = ['nv2', 'notation-go'] as const;
const POLICY = encodeUtf8(
  JSON.stringify({
    version: '1.0',
    trustPolicies: [
      { name: 'all', globalPolicy: true, level: 'strict' },
      { name: 'named', level: 'permissive' },
    ].map(({ level, ...statement }) => ({
      ...statement,
      signatureVerification: { level },
      trustStores: ['ca:interop'],
      trustedIdentities: ['*'],
    })),
  }),
);

interface Identity {
  readonly made: TestChain;
  readonly keyFile: string;
  readonly chainFile: string;
  /** A configuration directory that trusts this identity's root. */
  readonly config: string;
}

interface Signed {
  readonly format: keyof typeof FORMATS;
  readonly envelope: Uint8Array;
  readonly config: string;
}

/** What is asked of a verifier beyond the signature. */
interface Question {
  readonly blob?: Uint8Array;
  readonly mediaType?: string;
  readonly statement?: string;
  readonly userMetadata?: Readonly<Record<string, string>>;
}

const skip = await skipWithoutPeers('nv2-peer');
let work = '';
const identities = new Map<string, Identity>();

async function makeIdentity(name: string, algorithm: KeySpec): Promise<Identity> {
  const made = await makeChain({ algorithm, depth: 2, authority: algorithm });
  const config = join(work, name);
  await mkdir(join(config, 'truststore/x509/ca/interop'), { recursive: true });
  const keyFile = join(config, 'leaf.key');
  const chainFile = join(config, 'chain.crt');
  const pem = made.chain.map(({ der }) => encodePem('CERTIFICATE', der));
  await writeFile(keyFile, encodePem('PRIVATE KEY', made.leafPkcs8));
  await writeFile(chainFile, pem.join(''));
  await writeFile(join(config, 'truststore/x509/ca/interop/root.crt'), pem.at(-1) ?? '');
  await writeFile(join(config, 'trustpolicy.blob.json'), POLICY);
  return { made, keyFile, chainFile, config };
}

function identity(name: string): Identity {
  const found = identities.get(name);
  assert.ok(found, `no identity ${name}`);
  return found;
}

async function nv2Signs(format: keyof typeof FORMATS, { made }: Identity): Promise<Uint8Array> {
  const { envelope } = await signBlob([BLOB], {
    signer: localSigner(made.leafKey, made.chain),
    format: FORMATS[format],
    mediaType: MEDIA_TYPE,
    userMetadata: new Map(Object.entries(METADATA)),
    expirySeconds: 3600,
  });
  return envelope;
}

async function peerSigns(
  format: keyof typeof FORMATS,
  { keyFile, chainFile }: Identity,
): Promise<Uint8Array> {
  const answer = await askPeerOnce('blob-sign', {
    blob: BLOB,
    mediaType: MEDIA_TYPE,
    key: keyFile,
    certificates: chainFile,
    format,
    expirySeconds: 3600,
    userMetadata: METADATA,
  });
  assert.ok(answer.ok && answer.envelope, `${answer.stage}: ${answer.error}`);
  return Buffer.from(answer.envelope, 'base64');
}

/** The metadata if nv2 accepts, undefined if it decides against or has no such statement to ask. */
async function nv2Accepts({ format, envelope, config }: Signed, question: Question) {
  const { blob = BLOB, userMetadata = {}, ...options } = question;
  const signature = { bytes: envelope, mediaType: FORMATS[format] };
  try {
    const { verdict } = await verifyBlob({ reference: 'blob', content: [blob] }, signature, {
      policy: parseBlobTrustPolicy(POLICY),
      trustStore: directoryTrustStore(join(config, 'truststore/x509')),
      userMetadata: new Map(Object.entries(userMetadata)),
      ...options,
    });
    assert.equal(verdict.outcome, 'verified');
    return verdict.signatures[0]?.userMetadata;
  } catch (error) {
    if (error instanceof VerificationError && error.verdict.outcome === 'denied') return undefined;
    const isNamedWrong =
      error instanceof NotaryError && error.code === 'NOTARY_POLICY_STATEMENT_NOT_FOUND';
    if (isNamedWrong) return undefined;
    throw error;
  }
}

async function peerAccepts({ format, envelope, config }: Signed, question: Question) {
  const request = { blob: BLOB, envelope, format, configDir: config, ...question };
  const answer = await askPeerOnce('blob-verify', request);
  if (answer.ok) return answer.userMetadata;
  assert.equal(answer.stage, 'verify', answer.error);
  return undefined;
}

/** Another signature value in the same form: both formats write it last. */
function tamper(envelope: Uint8Array): Uint8Array {
  const at = envelope.length - 10;
  const letterA = 'A'.charCodeAt(0);
  if (envelope[0] !== '{'.charCodeAt(0)) return envelope.with(at, (envelope[at] ?? 0) ^ 1);
  return envelope.with(at, envelope[at] === letterA ? letterA + 1 : letterA);
}

async function runCell(
  algorithm: string,
  format: keyof typeof FORMATS,
  signer: (typeof SIGNERS)[number],
): Promise<void> {
  const own = identity(algorithm);
  const envelope = await (signer === 'nv2' ? nv2Signs : peerSigns)(format, own);
  const signed: Signed = { format, envelope, config: own.config };
  const longer = Uint8Array.from([...BLOB, 0]);
  for (const accepts of [nv2Accepts, peerAccepts]) {
    const yes: readonly Question[] = [
      {},
      { statement: 'named' },
      { mediaType: MEDIA_TYPE, userMetadata: { 'io.example.a': 'ä' } },
    ];
    for (const question of yes)
      assert.deepEqual(await accepts(signed, question), METADATA, JSON.stringify(question));
    const no: readonly (readonly [Signed, Question])[] = [
      [signed, { blob: BLOB.with(0, 0) }],
      [signed, { blob: longer }],
      [signed, { blob: BLOB.subarray(1) }],
      [signed, { blob: new Uint8Array() }],
      [signed, { mediaType: 'text/plain' }],
      [signed, { statement: 'none' }],
      [signed, { userMetadata: { 'io.example.a': 'a' } }],
      [{ ...signed, envelope: tamper(envelope) }, {}],
      [{ ...signed, format: format === 'jws' ? 'cose' : 'jws' }, {}],
      [{ ...signed, config: identity('other').config }, {}],
    ];
    for (const [one, question] of no)
      assert.equal(await accepts(one, question), undefined, JSON.stringify(question));
  }
}

describe('nv2 and notation-go accept and refuse the same blobs', { skip }, () => {
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'nv2-blobs-'));
    for (const [name, algorithm] of Object.entries(ALGORITHMS))
      identities.set(name, await makeIdentity(name, algorithm));
    identities.set('other', await makeIdentity('other', { kind: 'ec', curve: 'P-256' }));
  });
  after(() => rm(work, { recursive: true, force: true }));

  for (const algorithm of Object.keys(ALGORITHMS))
    for (const format of ['jws', 'cose'] as const)
      for (const signer of SIGNERS)
        test(`${algorithm}, ${format}, signed by ${signer}`, () =>
          runCell(algorithm, format, signer));
});

/** The cases of image policies with a `globalPolicy` in place of the scopes, good ones and odd ones. */
function blobPolicies(): readonly { readonly text: string; readonly unordered: boolean }[] {
  const values = ['true', 'false', 'false', 'false', 'null', 'false', '"true"', 'false', 'true'];
  let next = 0;
  return policyCases().map(({ text, unordered }) => ({
    text: text.replace(
      /"registryScopes":\[[^\]]*\]/g,
      () => `"globalPolicy":${values[next++ % values.length]}`,
    ),
    unordered,
  }));
}

/** Go's own words about a malformed name are not copied. */
const RUNTIME_TEXT = / failed with err: .*?\. A valid DN/s;
/** Names that are not RFC 4514, which the reference reads all the same. */
const STRICTER = /O=\\"a\\"|C=US;ST=WA;O=x/;

function attempt<T>(action: () => T): T | NotaryError {
  try {
    return action();
  } catch (error) {
    if (error instanceof NotaryError) return error;
    throw error;
  }
}

function parse(text: string) {
  return attempt(() => parseBlobTrustPolicy(encodeUtf8(text), { allowTrailingData: true }));
}

/** Where nv2 is stricter on purpose. */
function isStricter(ours: ReturnType<typeof parse>, text: string): boolean {
  if (!(ours instanceof NotaryError)) return false;
  const rule = ours.data['rule'];
  return rule === 'global-skip' || (rule === 'identity-dn-malformed' && STRICTER.test(text));
}

describe('blob trust policies under nv2 and notation-go', { skip }, () => {
  const cases = blobPolicies();

  test('the same documents are accepted, and a broken rule is told in the same words', async (t) => {
    const documents = cases.map(({ text }) => ({ document: encodeUtf8(text) }));
    const answers = await askPeer('blob-policy', documents);
    let accepted = 0;
    let worded = 0;
    let stricter = 0;
    for (const [i, { text, unordered }] of cases.entries()) {
      const answer = answers[i];
      assert.ok(answer);
      const ours = parse(text);
      if (isStricter(ours, text)) {
        stricter++;
        continue;
      }
      const refused = ours instanceof NotaryError;
      assert.equal(!refused, answer.ok, `${text}\n${answer.error ?? 'accepted'}`);
      if (!refused) {
        accepted++;
        continue;
      }
      const malformed = ours.code === 'NOTARY_POLICY_MALFORMED';
      assert.equal(malformed, answer.stage === 'decode', text);
      if (malformed || unordered) continue;
      const theirs = answer.error?.replace(RUNTIME_TEXT, ' failed. A valid DN');
      assert.equal(policyRuleWords(ours.data), theirs, text);
      worded++;
    }
    t.diagnostic(
      `${cases.length} documents, ${accepted} accepted, ${worded} texts compared, ${stricter} refused by nv2 alone`,
    );
    assert.ok(accepted > 200 && worded > 200, `${accepted} accepted, ${worded} texts compared`);
  });

  test('the same statement is selected by a name, or as the global one, or none', async (t) => {
    const questions = cases
      .filter(({ text }) => !isStricter(parse(text), text))
      .flatMap(({ text }) => ['', 'a', 'b', 'A'].map((name) => ({ text, name })));
    const answers = await askPeer(
      'blob-policy',
      questions.map(({ text, name }) => ({ document: encodeUtf8(text), select: true, name })),
    );
    let compared = 0;
    for (const [i, { text, name }] of questions.entries()) {
      const policy = parse(text);
      if (policy instanceof NotaryError) continue;
      const ours = attempt(() => selectBlobStatement(policy, name === '' ? undefined : name).name);
      const selected = ours instanceof NotaryError ? ours.code : ours;
      const none =
        name === '' ? 'NOTARY_POLICY_NOT_APPLICABLE' : 'NOTARY_POLICY_STATEMENT_NOT_FOUND';
      assert.equal(selected, answers[i]?.statement ?? none, text);
      compared++;
    }
    t.diagnostic(`${compared} selections compared`);
    assert.ok(compared > 800);
  });
});
