/** What a handler may know about a request besides the `Request` itself. */
export interface RequestContext {
  /**
   * The bytes of the body as they arrive, without the cost of a web stream; empty where there is
   * none. Read either this or `request.body`, once. A chunk is there until the next one is asked for:
   * who needs it longer copies it.
   * @throws HttpError `HTTP_CLIENT_GONE`, `HTTP_CLIENT_TOO_SLOW`
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Address of the peer, for logs only: behind a proxy it is the proxy's. */
  readonly remoteAddress?: string;
}

/**
 * Answers one request. Called without a context (as in tests) it reads `request.body`. What it
 * throws is answered with 500 and a constant text; `request.signal` ends when the client is gone.
 */
export type Handler = (request: Request, context?: RequestContext) => Response | Promise<Response>;

/** The request's body, from the context where there is one; see {@link RequestContext.body}. */
export function bodyOf(request: Request, context?: RequestContext): AsyncIterable<Uint8Array> {
  return context?.body ?? request.body ?? nothing();
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
