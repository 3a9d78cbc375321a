import type { CallOptions } from '../artifact.ts';

/** What a registry accepts as proof of who asks. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Exchanged for an access token at the registry's token service. */
  | { readonly kind: 'refreshToken'; readonly token: string }
  /** Sent to the registry as it is. */
  | { readonly kind: 'accessToken'; readonly token: string };

/** Where a registry client finds credentials. */
export interface CredentialSource {
  /** The credential of exactly this server address, or undefined if there is none. */
  get(serverAddress: string, options?: CallOptions): Promise<Credential | undefined>;
}

/** A {@link CredentialSource} that can be written to. */
export interface CredentialStore extends CredentialSource {
  store(serverAddress: string, credential: Credential, options?: CallOptions): Promise<void>;
  erase(serverAddress: string, options?: CallOptions): Promise<void>;
}

/**
 * A credential as users give it: a name and a password, or a token alone as the password.
 * @returns undefined if both are empty
 */
export function credentialFrom(username: string, password: string): Credential | undefined {
  if (username !== '') return { kind: 'basic', username, password };
  return password === '' ? undefined : { kind: 'refreshToken', token: password };
}

/** One credential for one server address, none for any other. */
export function staticCredentials(serverAddress: string, credential: Credential): CredentialSource {
  return {
    get: (asked) => Promise.resolve(asked === serverAddress ? credential : undefined),
  };
}
