import { RecentlyUsed } from '@nv2/core';
import type { HttpClient, HttpResponse } from '@nv2/http';
import { maskUrl } from '@nv2/http';
import type { Credential, CredentialSource } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { mergeScopes } from './scope.ts';
import { basicAuth, fetchToken } from './token.ts';

/** A token is some 2 kB, and most are for one repository. */
const MAX_TOKENS = 256;

/** Options of {@link Authenticator}. */
export interface AuthenticatorOptions {
  /** The registry's scheme and host: nothing else is ever sent its credentials. */
  readonly registry: URL;
  /** The name under which its credentials are kept. */
  readonly serverAddress: string;
  readonly client: HttpClient;
  readonly credentials?: CredentialSource | undefined;
  /** Names this client to token services. */
  readonly clientId: string;
}

/** What a request needs, and what was already tried. */
export interface AuthorizationContext {
  readonly scopes: readonly string[];
  /** The Authorization that the registry answered with 401. */
  readonly tried?: string | undefined;
  readonly method: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Answers the challenges of one registry. Sends no credential before the registry asks, and keeps
 * one token for each set of scopes, up to a number of them.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #tokens: RecentlyUsed<string, Promise<string>> = new RecentlyUsed(MAX_TOKENS);
  #basic: string | undefined;
  #credential: Promise<Credential | undefined> | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** The Authorization that an earlier challenge led to, if any. */
  async known(scopes: readonly string[]): Promise<string | undefined> {
    if (this.#basic !== undefined || this.#tokens.isEmpty) return this.#basic;
    return await this.#tokens.get(keyOf(scopes))?.catch(() => undefined);
  }

  /**
   * The Authorization that answers a 401.
   * @returns undefined if the registry asks for nothing that this client speaks
   * @throws OciError `OCI_CREDENTIAL_MISSING`, `OCI_AUTH_CHALLENGE_INVALID`, and those of
   *   {@link fetchToken}
   */
  async answer(response: HttpResponse, context: AuthorizationContext): Promise<string | undefined> {
    const challenges = response.headers.getAll('www-authenticate').flatMap(parseChallenges);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) return await this.#answerBearer(bearer, context);
    if (challenges.some(({ scheme }) => scheme === 'basic')) {
      return await this.#answerBasic(response, context);
    }
    return undefined;
  }

  async #answerBasic(response: HttpResponse, context: AuthorizationContext): Promise<string> {
    const credential = await this.#lookUp(context);
    if (credential?.kind !== 'basic') throw this.#missing(response, context, credential);
    this.#basic = basicAuth(credential);
    return this.#basic;
  }

  async #answerBearer(challenge: Challenge, context: AuthorizationContext): Promise<string> {
    const { parameters } = challenge;
    const scopes = mergeScopes([...context.scopes, ...(parameters.get('scope') ?? '').split(' ')]);
    const cached = await this.#tokens.get(keyOf(scopes))?.catch(() => undefined);
    if (cached !== undefined && cached !== context.tried) return cached;

    const realm = parameters.get('realm');
    if (realm === undefined) {
      throw new OciError('OCI_AUTH_CHALLENGE_INVALID', 'Bearer challenge without a realm', {
        hint: 'the operator of the registry has to mend its configuration',
      });
    }
    const token = this.#fetch({ realm, service: parameters.get('service'), scopes }, context);
    // the registry may ask for more than was thought of: next time it is known under both
    for (const key of new Set([keyOf(scopes), keyOf(context.scopes)])) this.#tokens.set(key, token);
    try {
      return await token;
    } catch (error) {
      this.#tokens.forget(token);
      throw error;
    }
  }

  async #fetch(
    asked: { realm: string; service: string | undefined; scopes: readonly string[] },
    context: AuthorizationContext,
  ): Promise<string> {
    const { registry, client, clientId } = this.#options;
    const { signal } = context;
    const credential = await this.#lookUp(context);
    const token =
      credential?.kind === 'accessToken'
        ? credential.token
        : await fetchToken({ ...asked, registry, credential }, { client, clientId, signal });
    return `Bearer ${token}`;
  }

  #lookUp({ signal }: AuthorizationContext): Promise<Credential | undefined> {
    const { credentials, serverAddress } = this.#options;
    this.#credential ??= Promise.resolve(credentials?.get(serverAddress, signal && { signal }));
    this.#credential.catch(() => {
      this.#credential = undefined;
    });
    return this.#credential;
  }

  #missing(
    response: HttpResponse,
    { method }: AuthorizationContext,
    credential: Credential | undefined,
  ): OciError {
    const url = maskUrl(response.url);
    const problem =
      credential === undefined
        ? 'basic credential not found'
        : 'missing username or password for basic auth';
    return new OciError('OCI_CREDENTIAL_MISSING', `${method} ${JSON.stringify(url)}: ${problem}`, {
      hint: `log in first: "nv2 login ${this.#options.registry.host}"`,
      data: { method, url, problem, registry: this.#options.registry.host },
    });
  }
}

function keyOf(scopes: readonly string[]): string {
  return mergeScopes(scopes).join(' ');
}
