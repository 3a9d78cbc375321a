import { type CryptoPort, type HashName, Nv2Error } from '@nv2/core';
import type { HttpClient } from '@nv2/http';
import {
  type Certificate,
  createTimestampRequest,
  verifyTimestampResponse,
  X509Error,
} from '@nv2/x509';
import { askService, serviceUrl } from '../ask-service.ts';
import { NotaryError } from '../errors.ts';
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
 *   returned throws that too, also for an answer that does not hold, which `data.causeCode` says;
 *   those about revocation; HttpError.
 * @see RFC 3161 2.4 and 3.4; specifications signing-and-verification-workflow.md "Signing Steps"
 */
export function timestampAuthority(options: TimestampAuthorityOptions): Timestamper {
  const { url, root, client, revocation, now = (): Date => new Date() } = options;
  const crypto = options.crypto ? { crypto: options.crypto } : {};
  serviceUrl({ service: 'timestamping', url });
  return async (signature, { hash, signal }) => {
    const request = await createTimestampRequest(signature, { hash, ...crypto });
    const { token, chain } = await usable(url, async () => {
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
      return await verifyTimestampResponse(response, verified);
    });
    await assertNotRevoked(
      chain.certificates,
      { ...(revocation && { revocation }), ...(signal && { signal }) },
      { at: now().getTime(), purpose: 'timestamping' },
    );
    return token;
  };
}

const HINTS: Readonly<Record<string, string>> = {
  X509_TIMESTAMP_UNTRUSTED:
    'give the root certificate that this very authority publishes, or check its URL',
  X509_TIMESTAMP_REFUSED: 'ask the operator of the authority why, or take another authority',
};
const ANY_HINT =
  'check the URL of the timestamp authority, ask its operator to correct it, or take another';

/** What is wrong with an answer decides nothing: there is no timestamp, as if there were no answer. */
async function usable<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isOfAnswer(cause)) throw cause;
    const { code, message, hint = ANY_HINT } = cause;
    throw new NotaryError(
      'NOTARY_TIMESTAMP_SERVICE',
      `the timestamp authority ${url} gave no timestamp that can be used: ${message}`,
      { cause, data: { url, causeCode: code }, hint: HINTS[code] ?? hint },
    );
  }
}

function isOfAnswer(cause: unknown): cause is Nv2Error {
  if (cause instanceof X509Error) return true;
  return cause instanceof Nv2Error && cause.code === 'HTTP_BODY_TOO_LARGE';
}
