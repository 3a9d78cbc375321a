import {
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  maskUrl,
  type SendOptions,
  sameOrigin,
} from '@nv2/http';
import type { CredentialSource } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import { Authenticator } from './authenticator.ts';
import { isPlainHttpByDefault, registryOrigin, serverAddressOf } from './origin.ts';
import { invalidResponse, registryError } from './response-error.ts';

/** How a registry is spoken to. */
export interface RegistryOptions {
  readonly client: HttpClient;
  readonly credentials?: CredentialSource;
  /** Without TLS. Default: only to `localhost` and loopback addresses with a port. */
  readonly plainHttp?: boolean;
  /** Names this client to token services. Default `nv2`. */
  readonly clientId?: string;
  /** Told of each warning that the registry sends, once; its text is the registry's own. */
  readonly onWarning?: (warning: RegistryWarning) => void;
}

/** A warning that a registry sent (distribution-spec 1.1.1, "Warnings"). */
export interface RegistryWarning {
  readonly registry: string;
  readonly text: string;
}

/** One request of a {@link RegistrySession}. */
export interface RegistryRequest {
  readonly method: string;
  /** A path from the root, or the whole URL that the registry gave for a next step. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody;
  /** What is asked for, as errors name it: a reference or a digest. */
  readonly named?: string;
  /** What the token must allow. */
  readonly scopes: readonly string[];
}

/** A body that is read while it is sent: opened again for every time that it is. */
export interface StreamedBody {
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Bytes. */
  readonly length: number;
}

const MAX_WARNING_LENGTH = 4096;
const MAX_WARNINGS = 32;

/** Speaks to one registry: adds credentials when asked and only there, reports its warnings. */
export class RegistrySession {
  readonly origin: URL;
  readonly registry: string;
  readonly #client: HttpClient;
  readonly #authenticator: Authenticator;
  readonly #onWarning: ((warning: RegistryWarning) => void) | undefined;
  readonly #warned: Set<string> = new Set();

  constructor(registry: string, options: RegistryOptions) {
    const { client, credentials, clientId = 'nv2' } = options;
    this.registry = registry;
    this.origin = registryOrigin(registry, options.plainHttp ?? isPlainHttpByDefault(registry));
    this.#client = client;
    this.#onWarning = options.onWarning;
    this.#authenticator = new Authenticator({
      registry: this.origin,
      serverAddress: serverAddressOf(registry),
      client,
      credentials,
      clientId,
    });
  }

  /**
   * The registry's answer, of whatever status. A 401 is answered once with credentials.
   * @throws HttpError, OciError those of {@link Authenticator.answer}
   */
  async send(request: RegistryRequest, options: SendOptions = {}): Promise<HttpResponse> {
    const url = new URL(request.url, this.origin);
    const ours = sameOrigin(url, this.origin);
    if (!ours && this.origin.protocol === 'https:' && url.protocol !== 'https:') {
      throw downgrade(request.method, this.origin, url);
    }
    const { scopes, method } = request;
    const tried = ours ? await this.#authenticator.known(scopes) : undefined;
    const response = await this.#sendOnce(toHttpRequest(request, url), tried, options);
    // only the registry itself may ask: where a redirect or upload led to may not
    if (response.status !== 401 || !ours || !sameOrigin(response.url, this.origin)) return response;

    const { signal } = options;
    const authorization = await this.#answer(response, { scopes, tried, method, signal });
    if (authorization === undefined) return response;
    await response.discard();
    return await this.#sendOnce(toHttpRequest(request, url), authorization, options);
  }

  /** As {@link send}, but any status other than those expected becomes the error that it means. */
  async expect(
    request: RegistryRequest,
    statuses: readonly number[],
    options: SendOptions = {},
  ): Promise<HttpResponse> {
    const response = await this.send(request, options);
    if (statuses.includes(response.status)) return response;
    throw await registryError(response, request.method, request);
  }

  async #answer(
    response: HttpResponse,
    context: Parameters<Authenticator['answer']>[1],
  ): Promise<string | undefined> {
    try {
      return await this.#authenticator.answer(response, context);
    } catch (error) {
      await response.discard();
      throw error;
    }
  }

  async #sendOnce(
    request: HttpRequest,
    authorization: string | undefined,
    options: SendOptions,
  ): Promise<HttpResponse> {
    const headers = { ...request.headers, ...(authorization !== undefined && { authorization }) };
    const response = await this.#client.send({ ...request, headers }, options);
    this.#reportWarnings(response);
    const encoding = response.headers.get('content-encoding') ?? 'identity';
    if (encoding.toLowerCase() !== 'identity') {
      // bytes are hashed as they come; a decoder would only add a bomb
      throw await invalidResponse(response, request.method, `unrequested encoding ${encoding}`);
    }
    return response;
  }

  #reportWarnings(response: HttpResponse): void {
    if (this.#onWarning === undefined) return;
    for (const value of response.headers.getAll('warning')) {
      const match = /^299 - "((?:[^"\\]|\\.)*)"$/.exec(value);
      const text = match?.[1]?.replace(/\\(.)/g, '$1').replace(/\p{Cc}+/gu, ' ');
      if (text === undefined || text.length > MAX_WARNING_LENGTH) continue;
      if (this.#warned.has(text) || this.#warned.size >= MAX_WARNINGS) continue;
      this.#warned.add(text);
      this.#onWarning({ registry: this.registry, text });
    }
  }
}

function toHttpRequest(request: RegistryRequest, url: URL): HttpRequest {
  return {
    method: request.method,
    url,
    headers: { 'accept-encoding': 'identity', ...request.headers },
    ...bodyOf(request),
  };
}

function bodyOf({ body }: RegistryRequest): Pick<HttpRequest, 'body' | 'bodyLength'> {
  if (body === undefined) return {};
  return body instanceof Uint8Array ? { body } : { body: body.open(), bodyLength: body.length };
}

function downgrade(method: string, origin: URL, url: URL): OciError {
  const shown = maskUrl(url);
  return new OciError(
    'OCI_RESPONSE_INVALID',
    `${origin.host} sends on to ${shown}: from https to http`,
    { hint: 'the registry is misconfigured: tell its operator', data: { method, url: shown } },
  );
}
