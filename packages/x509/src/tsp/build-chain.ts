import { equalBytes } from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { formatNameGo } from '../name-format.ts';
import { assertSignedBy, type CryptoOptions } from '../signature.ts';
import {
  MAX_CHAIN_CERTIFICATES,
  type ValidatedChain,
  validateTimestampingChain,
} from '../validate-chain.ts';

/** Where the chain of a timestamp's signer may lead, and what it may be made of. */
export interface BuildChainOptions extends CryptoOptions {
  /** Trusted, from the caller alone. */
  readonly anchors: readonly Certificate[];
  /** Not trusted: certificates that came with the timestamp, in any order. */
  readonly bag: readonly Certificate[];
  /** Milliseconds since the epoch at which all must be valid. */
  readonly at: number;
}

/** Signatures that are checked while looking for a chain: a bag of certificates of one name. */
export const MAX_CHAIN_SIGNATURES = 128;

/** Complete chains that are tried; more than one exists only where CAs are cross-certified. */
const MAX_CHAINS = 8;

/**
 * The chain from `signer` to one of the anchors that obeys every rule for timestamp authorities at
 * `at`: anchors are tried before the bag, and one bad chain does not hide another. A certificate of
 * the bag counts only once its signature held under the certificate above it, or when it is an
 * anchor itself.
 * @throws X509Error `X509_TIMESTAMP_UNTRUSTED` (data `subject`, `anchors`, `reason`: `no-chain` or
 *   `limit`); the codes of `validateTimestampingChain`, of the first chain found
 */
export async function buildTimestampingChain(
  signer: Certificate,
  options: BuildChainOptions,
): Promise<ValidatedChain> {
  const search: Search = { options, signatures: 0, chains: 0, refusal: undefined };
  const found = await extend([signer], search);
  if (found !== undefined) return found;
  if (search.refusal !== undefined) throw search.refusal;
  throw untrusted(signer, search, 'no-chain');
}

interface Search {
  readonly options: BuildChainOptions;
  signatures: number;
  chains: number;
  /** Why the first complete chain was refused. */
  refusal: X509Error | undefined;
}

function untrusted(
  signer: Certificate,
  { options, refusal }: Search,
  reason: 'no-chain' | 'limit',
): X509Error {
  const subject = formatNameGo(signer.subject);
  const anchors = options.anchors.length;
  return new X509Error(
    'X509_TIMESTAMP_UNTRUSTED',
    `timestamp: no chain from "${subject}" to any of ${anchors} trusted certificates`,
    { data: { subject, anchors, reason }, cause: refusal },
  );
}

/** Depth first; a chain that is complete and valid ends the search. */
async function extend(
  chain: readonly [Certificate, ...Certificate[]],
  search: Search,
): Promise<ValidatedChain | undefined> {
  const { anchors, bag } = search.options;
  const last = chain.at(-1) ?? chain[0];
  if (anchors.some((anchor) => equalBytes(anchor.der, last.der))) return validate(chain, search);
  if (chain.length === MAX_CHAIN_CERTIFICATES) return undefined;
  const seen = [...chain];
  for (const issuer of [...anchors, ...bag]) {
    if (!mayHaveIssued(issuer, last) || isAmong(seen, issuer)) continue;
    seen.push(issuer);
    if (!(await isSignedBy(last, issuer, { search, signer: chain[0] }))) continue;
    const found = await extend([...chain, issuer], search);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** RFC 5280 6.1.3 (a) (4), and 4.2.1.1 where both sides have the key identifier. */
function mayHaveIssued(issuer: Certificate, certificate: Certificate): boolean {
  if (!equalBytes(issuer.subject.der, certificate.issuer.der)) return false;
  const wanted = certificate.authorityKeyId?.keyId;
  const got = issuer.subjectKeyId;
  return wanted === undefined || got === undefined || equalBytes(wanted, got);
}

function isAmong(certificates: readonly Certificate[], { der }: Certificate): boolean {
  return certificates.some((other) => equalBytes(other.der, der));
}

async function isSignedBy(
  certificate: Certificate,
  issuer: Certificate,
  { search, signer }: { readonly search: Search; readonly signer: Certificate },
): Promise<boolean> {
  if (++search.signatures > MAX_CHAIN_SIGNATURES) throw untrusted(signer, search, 'limit');
  try {
    await assertSignedBy(certificate, issuer, search.options);
    return true;
  } catch (cause) {
    if (cause instanceof X509Error) return false;
    throw cause;
  }
}

async function validate(
  chain: readonly [Certificate, ...Certificate[]],
  search: Search,
): Promise<ValidatedChain | undefined> {
  if (++search.chains > MAX_CHAINS) throw untrusted(chain[0], search, 'limit');
  const { at, crypto } = search.options;
  try {
    return await validateTimestampingChain(chain, { at, crypto });
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    search.refusal ??= cause;
    return undefined;
  }
}
