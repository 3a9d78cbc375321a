import type { HttpHeaders } from './headers.ts';

/** A request. The URL must be http or https and carry no user name or password. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Bytes can be sent again on a retry or redirect; a stream only once. The error of a stream that
   * breaks off ends the request, and is what the caller sees.
   */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Bytes in a stream; without it the stream is sent in chunks. */
  readonly bodyLength?: number;
}

/** An answer whose body is still to be read: read it, or call `discard`. */
export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from: after redirects, not where the request first went. */
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** As sent: never decompressed. Can be iterated once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Frees the connection without reading on. Never throws. */
  discard(): Promise<void>;
}

/** Options of one hop. */
export interface TransportOptions {
  readonly signal?: AbortSignal;
}

/**
 * Sends one request and gives its answer: no redirect, no retry, no limit in time.
 * @throws HttpError `HTTP_CONNECTION_FAILED`, `HTTP_TLS_FAILED`, `HTTP_PROXY_FAILED`,
 *   `HTTP_ADDRESS_REFUSED`, `HTTP_RESPONSE_INVALID`, `HTTP_ABORTED`
 */
export type Transport = (request: HttpRequest, options: TransportOptions) => Promise<HttpResponse>;

/** What the client needs of the world; tests give their own and never wait. */
export interface Clock {
  /** Milliseconds since the epoch: for dates that others name. */
  now(): number;
  /** Milliseconds since any moment, which setting the time of day does not move: for waits. */
  elapsed(): number;
  /**
   * Calls back after so many milliseconds, unless the function that it returns is called before.
   * @param background the timer alone does not keep the process running
   */
  setTimer(callback: () => void, delayMs: number, background?: boolean): () => void;
}

/** What happened with one hop, for logs; URL and headers have their secrets masked. */
export type HttpLogEvent =
  | {
      readonly type: 'request';
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** 1 for the first attempt. */
      readonly attempt: number;
    }
  | {
      readonly type: 'response';
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'retry';
      readonly method: string;
      readonly url: string;
      readonly reason: string;
      readonly delayMs: number;
    };
