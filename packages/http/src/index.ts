export type { AddressRule } from './client/address-rule.ts';
export { contentLength, readBody } from './client/body.ts';
export type { CertificateSources } from './client/ca-bundle.ts';
export { sleep, systemClock } from './client/clock.ts';
export type { ConnectionOptions } from './client/connections.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from './client/deadline.ts';
export { fetchTransport } from './client/fetch-transport.ts';
export { HttpHeaders } from './client/headers.ts';
export {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type SendOptions,
} from './client/http-client.ts';
export { type LazyNodeTransportOptions, lazyNodeTransport } from './client/lazy-node-transport.ts';
export { bareHost, isLoopbackHost } from './client/loopback.ts';
export {
  type NodeTransport,
  type NodeTransportOptions,
  nodeTransport,
} from './client/node-transport.ts';
export type { ProxySettings } from './client/proxy.ts';
export { sameOrigin } from './client/redirect.ts';
export { DEFAULT_RETRY_POLICY, type RetryPolicy, retryAfterMs } from './client/retry.ts';
export { maskHeaders, maskUrl } from './client/secrets.ts';
export type {
  Clock,
  HttpLogEvent,
  HttpRequest,
  HttpResponse,
  Transport,
  TransportOptions,
} from './client/types.ts';
export { HTTP_ERRORS, HttpError, type HttpErrorCode } from './errors.ts';
export { bodyOf, type Handler, type RequestContext } from './server/handler.ts';
export { DEFAULT_SERVER_LIMITS, type ServerLimits } from './server/limits.ts';
export { type ListenerOptions, nodeListener } from './server/listener.ts';
export { type RunningServer, type ServeOptions, serve } from './server/serve.ts';
export { STATUS_BY_KIND } from './server/status.ts';
export { streamResponse } from './server/stream.ts';
