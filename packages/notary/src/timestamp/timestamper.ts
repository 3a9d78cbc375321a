import type { CryptoPort, HashName } from '@nv2/core';
import type { HttpClient } from '@nv2/http';
import { type Certificate, createTimestampRequest, verifyTimestampResponse } from '@nv2/x509';
import { askService, serviceUrl } from '../ask-service.ts';
import type { RevocationChecker } from '../revocation/finding.ts';
import { assertNotRevoked } from '../verify/revocation.ts';

/** Gets a timestamp for a signature value: a verified TimeStampToken in DER (RFC 3161 2.4.2). */
export type Timestamper = (
  signature: Uint8Array,
  options: { readonly hash: HashName; readonly signal?: AbortSignal | undefined },
) => Promise<Uint8Array>;

/** Options of {@link timestampAuthority}. */
export interface TimestampAuthorityOptions {
  /** http or https. */
  readonly url: string;
  /** The only certificate that the authority's chain may end in. */
  readonly root: Certificate;
  /** Without credentials to give away. */
  readonly client: HttpClient;
  /** Asked about the authority's certificates where these name a revocation service. */
  readonly revocation?: RevocationChecker;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  readonly crypto?: CryptoPort;
}

const TIMEOUT_MS = 15_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * A timestamp authority that is asked over HTTP. Its answer is used only if it is about this
 * signature and this request, and the authority's chain ends in the given root, is fit for
 * timestamping and was not revoked.
 *
 * @throws NotaryError `NOTARY_TIMESTAMP_SERVICE` if it cannot be asked at such a URL. The function
 *   returned throws that too, those about revocation, HttpError, and X509Error for an answer that
 *   does not hold.
 * @see RFC 3161 2.4 and 3.4; specifications signing-and-verification-workflow.md "Signing Steps"
 */
export function timestampAuthority(options: TimestampAuthorityOptions): Timestamper {
  const { url, root, client, revocation, now = (): Date => new Date() } = options;
  const crypto = options.crypto ? { crypto: options.crypto } : {};
  serviceUrl({ service: 'timestamping', url });
  return async (signature, { hash, signal }) => {
    const request = await createTimestampRequest(signature, { hash, ...crypto });
    const response = await askService(client, {
      service: 'timestamping',
      url,
      method: 'POST',
      body: request.der,
      contentType: 'application/timestamp-query',
      accept: 'application/timestamp-reply',
      maxBytes: MAX_RESPONSE_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    const verified = { request, content: signature, anchors: [root], ...crypto };
    const { token, chain } = await verifyTimestampResponse(response, verified);
    await assertNotRevoked(
      chain.certificates,
      { ...(revocation && { revocation }), ...(signal && { signal }) },
      { at: now().getTime(), purpose: 'timestamping' },
    );
    return token;
  };
}
