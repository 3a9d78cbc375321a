// Code signing chains judged by nv2 and by notation-core-go.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  parseCertificate,
  validateCodeSigningChain,
  X509Error,
  type X509ErrorCode,
} from '@nv2/x509';
import { askPeer } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';
import { type ChainCase, chainCases } from './chain-cases.ts';
import { NOON } from './chain-plan.ts';

/** Where nv2 refuses what the reference lets pass, and why. The other way round there is nothing. */
const STRICTER: readonly { readonly cases: RegExp; readonly code: X509ErrorCode }[] = [
  // X.690: one value, one encoding; Go reads these forms
  { cases: /: key usage with trailing zero bits/, code: 'X509_CERTIFICATE_INVALID' },
  // RFC 5280 4.2.1.12 and 4.2.1.6: SIZE (1..MAX)
  { cases: /: extended key usage without a purpose/, code: 'X509_CERTIFICATE_INVALID' },
  { cases: /: empty alternative names/, code: 'X509_CERTIFICATE_INVALID' },
  // RFC 5280 4.1.2.5: UTCTime through 2049, with seconds and Z
  { cases: /: GeneralizedTime before 2050/, code: 'X509_CERTIFICATE_INVALID' },
  { cases: /: UTCTime without seconds/, code: 'X509_CERTIFICATE_INVALID' },
  { cases: /: UTCTime with an offset/, code: 'X509_CERTIFICATE_INVALID' },
  // RFC 5280 4.1.2.2
  { cases: /: serial number of 40 octets/, code: 'X509_CERTIFICATE_INVALID' },
  // RFC 5280 4.2.1.6: absolute, and of RFC 3986
  {
    cases: /: alternative name that is the URI "(https:\/\/example.org\/a b|example.org\/x|)"/,
    code: 'X509_CERTIFICATE_INVALID',
  },
  // RFC 8017 3.1: the reference finds out when the key is used, which for the leaf is not here
  { cases: /leaf: RSA exponent of octets/, code: 'X509_KEY_UNSUPPORTED' },
  // RFC 5280 6.1.4 (o), 6.1.5 (f): the reference does not look at critical extensions
  { cases: /: unknown critical extension/, code: 'X509_CRITICAL_EXTENSION' },
  { cases: /: critical policy constraints/, code: 'X509_CRITICAL_EXTENSION' },
  // RFC 5280 6.1.3 (b): nor at name constraints
  { cases: /: name constraints that permit another/, code: 'X509_NAME_CONSTRAINTS' },
  // the reference asks for a strong key of the leaf only
  { cases: /(intermediate|root): key (RSA-1024|P-224)/, code: 'X509_KEY_UNSUPPORTED' },
  { cases: /(intermediate|root): key Ed25519/, code: 'X509_ALGORITHM_UNSUPPORTED' },
  // Go refuses SHA-1 under an issuer, but not where a certificate is its own
  { cases: /self-signed leaf: signed with SHA-1/, code: 'X509_ALGORITHM_UNSUPPORTED' },
];

async function refusal({ certificates }: ChainCase): Promise<X509ErrorCode | undefined> {
  try {
    const chain = certificates.map((der) => parseCertificate(der));
    await validateCodeSigningChain(chain, { at: NOON.getTime() });
    return undefined;
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

const skip = await skipWithoutPeers('nv2-peer');

describe('chains under nv2 and notation-core-go', { skip }, () => {
  test('nv2 accepts nothing that the reference refuses, and is stricter only where listed', async (t) => {
    const cases = chainCases();
    const requests = cases.map(({ certificates }) => ({ certificates, at: NOON.toISOString() }));
    const answers = await askPeer('chain-validate', requests);
    const laxer: string[] = [];
    const unlisted: string[] = [];
    const seen = new Set<(typeof STRICTER)[number]>();
    for (const [i, chain] of cases.entries()) {
      const code = await refusal(chain);
      const answer = answers[i];
      if (code === undefined && answer?.ok === false) laxer.push(`${chain.name}: ${answer.error}`);
      if (code === undefined || answer?.ok !== true) continue;
      const reason = STRICTER.find((entry) => entry.code === code && entry.cases.test(chain.name));
      if (reason === undefined) unlisted.push(`${chain.name}: ${code}`);
      else seen.add(reason);
    }
    assert.deepEqual(laxer, []);
    assert.deepEqual(unlisted, []);
    assert.deepEqual(
      STRICTER.filter((entry) => !seen.has(entry)),
      [],
    );
    const accepted = answers.filter(({ ok }) => ok).length;
    t.diagnostic(`${cases.length} chains, the reference accepts ${accepted}`);
    assert.ok(accepted > 200 && cases.length - accepted > 200);
  });
});
