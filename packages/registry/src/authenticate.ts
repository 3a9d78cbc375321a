/**
 * Checks the `Authorization` of a request; who returns from it is let in.
 * @throws RegistryError `REGISTRY_UNAUTHORIZED`, `REGISTRY_TOO_MANY_LOGINS`
 */
export type Authenticate = (authorization: string | null) => Promise<void>;

/** What a client without credentials is asked for (RFC 7617). */
export function challenge(): string {
  return 'Basic realm="registry", charset="UTF-8"';
}
