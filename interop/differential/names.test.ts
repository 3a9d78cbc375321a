// Distinguished names as nv2 prints them and as Go does: trusted identities are compared with that.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TAG } from '@nv2/core';
import { formatNameGo, parseCertificate, X509Error } from '@nv2/x509';
import { ATTRIBUTE, type Attribute, buildCertificate, makeKey, time } from '../certificates.ts';
import { askPeer } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';
import { sequence } from './sequence.ts';

const COUNT = 2000;
const TYPES = [...Object.values(ATTRIBUTE), '2.5.4.4', '1.2.3.4', '0.9.2342.19200300.100.1.1'];
const VALUES = [
  ...[
    'US',
    'WA',
    'Notary',
    'a',
    'b',
    '',
    ' ',
    '#',
    '#0401',
    '=',
    'a=#b',
    '+',
    'a+b=c',
    ',',
    'a, b',
  ],
  ...[
    ' leading',
    'trailing ',
    '  ',
    '"quoted"',
    'back\\slash',
    '\\',
    '<x>',
    ';',
    '*',
    '&',
    "'",
    '/',
  ],
  ...[
    'é',
    'ß',
    '日本',
    '😀',
    'a\u0000b',
    '\u007f',
    '\u0085',
    '\u200b',
    '\n',
    '\t',
    '@',
    'a@b.c',
    '_',
  ],
];
const TAGS = [
  ...[TAG.utf8String, TAG.utf8String, TAG.printableString, TAG.ia5String],
  ...[TAG.teletexString, TAG.bmpString],
];

const { publicKey, privateKey } = makeKey('P-256');

function certificateOf(subject: readonly Attribute[]): Uint8Array {
  return buildCertificate({
    version: 2,
    serialNumber: Uint8Array.of(1),
    issuer: subject.toReversed(),
    subject,
    notBefore: time(new Date('2025-01-01T00:00:00Z')),
    notAfter: time(new Date('2026-01-01T00:00:00Z')),
    key: publicKey,
    extensions: [],
    scheme: { kind: 'ecdsa', hash: 'sha256' },
    signingKey: privateKey,
  });
}

/** Names of up to six attributes, of which some share a relative name. */
function randomNames(): readonly (readonly Attribute[])[] {
  const random = sequence(20_260_301);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const attribute = (): Attribute => ({ type: pick(TYPES), value: pick(VALUES), tag: pick(TAGS) });
  return Array.from({ length: COUNT }, () =>
    Array.from({ length: random(7) }, () =>
      random(5) === 0 ? { ...attribute(), beside: [attribute()] } : attribute(),
    ),
  );
}

function printed(der: Uint8Array): readonly [subject: string, issuer: string] | undefined {
  try {
    const { subject, issuer } = parseCertificate(der);
    return [formatNameGo(subject), formatNameGo(issuer)];
  } catch (error) {
    if (error instanceof X509Error) return undefined;
    throw error;
  }
}

const skip = await skipWithoutPeers('nv2-peer');

describe('names under nv2 and Go', { skip }, () => {
  test('what both read, both print the same, and nv2 reads no name that Go refuses', async (t) => {
    const certificates = randomNames().map(certificateOf);
    const requests = certificates.map((certificate) => ({ certificate }));
    const answers = await askPeer('name-format', requests);
    let same = 0;
    for (const [i, der] of certificates.entries()) {
      const ours = printed(der);
      if (ours === undefined) continue;
      const answer = answers[i];
      const what = Buffer.from(der).toString('hex');
      assert.ok(answer?.ok, `${ours[0]}: ${answer?.error}: ${what}`);
      assert.deepEqual(ours, [answer.subject, answer.issuer ?? ''], what);
      same++;
    }
    t.diagnostic(`${COUNT} names, ${same} printed the same`);
    assert.ok(same > COUNT / 4);
  });
});
