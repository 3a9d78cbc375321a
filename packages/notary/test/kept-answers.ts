import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCrypto } from '@nv2/core';
import { localSigner } from '@nv2/envelope';
import { directoryRevocation, memoryTrustStore, type Verdict } from '@nv2/notary';
import {
  crlDistributionPoints,
  makeChain,
  makeCrl,
  makeOcspResponse,
  ocspAccess,
  type TestAuthority,
  type TestChain,
  withTempDir,
} from '@nv2/testkit';
import {
  ATTRIBUTE,
  type CertificateTemplate,
  EXTENDED_KEY_USAGE,
  issueCertificate,
} from '@nv2/x509';
import { DAY, NOW, signNow, testImage, verdictOf } from './fixture.ts';
import { ownPolicy } from './own-policy.ts';

export const AT = NOW.getTime();
export const HOUR = 60 * 60 * 1000;
export const REVOKED = { revokedAt: AT - 1000, reason: 1 };
export const CRL_URL = 'http://crl.example/leaf.crl';

export const made = await chainOf(
  ocspAccess('http://ocsp.example/'),
  crlDistributionPoints(CRL_URL),
);
export const stranger = await chainOf();

export function chainOf(
  ...extensions: readonly ReturnType<typeof ocspAccess>[]
): Promise<TestChain> {
  return makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW, leaf: { extensions } });
}

export function issuerOf({ authorities }: TestChain): TestAuthority {
  const [first] = authorities;
  assert.ok(first);
  return first;
}

export function leafOf({ chain: [leaf] }: TestChain): TestChain['chain'][number] {
  assert.ok(leaf);
  return leaf;
}

export async function responderOf(
  extensions: CertificateTemplate['extensions'],
  notAfter = AT + DAY,
  notBefore = notAfter - 30 * DAY,
): Promise<TestAuthority> {
  const { key } = await defaultCrypto.generateKey({ kind: 'ec', curve: 'P-256' });
  const template: CertificateTemplate = {
    subject: [{ type: ATTRIBUTE.commonName, value: 'responder' }],
    notBefore,
    notAfter,
    spki: key.spki,
    extendedKeyUsage: [EXTENDED_KEY_USAGE.ocspSigning],
    ...(extensions && { extensions }),
  };
  return { key, certificate: await issueCertificate(template, issuerOf(made)) };
}

export function ocsp(
  status: 'good' | 'unknown' | typeof REVOKED,
  more: Partial<Parameters<typeof makeOcspResponse>[0]> & {
    readonly about?: TestChain;
    readonly at?: number;
    readonly until?: number;
  } = {},
): Promise<Uint8Array> {
  const { about = made, at = AT - HOUR, until = AT + HOUR, ...template } = more;
  const certificate = leafOf(about);
  const answers = [{ certificate, status, thisUpdate: at, nextUpdate: until }];
  return makeOcspResponse({ issuer: issuerOf(about), answers, ...template });
}

export function crl(
  state: 'good' | 'revoked',
  more: Partial<Parameters<typeof makeCrl>[0]> & { readonly about?: TestChain } = {},
): Promise<Uint8Array> {
  const { about = made, ...template } = more;
  const { serialNumber } = leafOf(about);
  const entries = state === 'revoked' ? [{ serialNumber, ...REVOKED }] : [];
  const times = { thisUpdate: AT - HOUR, nextUpdate: AT + HOUR };
  return makeCrl({ issuer: issuerOf(about), ...times, entries, ...template });
}

type Files = Readonly<Record<string, Uint8Array | string>>;

/** The verdict by answers in a directory; a service that is asked fails the test. */
export async function judge(
  files: Files,
  options: { readonly by?: TestChain; readonly maxAge?: string; readonly changes?: object } = {},
): Promise<Verdict> {
  return withTempDir(async (directory) => {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(directory, name), content);
    }
    return judgeBy(directory, options);
  });
}

export async function judgeBy(
  directory: string,
  options: {
    readonly by?: TestChain;
    readonly maxAge?: string;
    readonly changes?: object;
    readonly offlineRevocation?: ReturnType<typeof directoryRevocation>;
  } = {},
): Promise<Verdict> {
  const { by = made, maxAge = '1d', changes, offlineRevocation = directoryRevocation() } = options;
  const { target } = testImage();
  const signer = localSigner(by.leafKey, by.chain);
  await signNow(target, { signer, chain: by.chain, root: by.root });
  return await verdictOf(target, {
    trustStore: memoryTrustStore({ 'ca:acme': [by.root] }),
    policy: ownPolicy({ revocation: { offline: { directory, maxAge } }, ...changes }),
    offlineRevocation,
    revocation: () => assert.fail('a service was asked'),
  });
}
