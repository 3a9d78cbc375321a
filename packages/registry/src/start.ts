import { isLoopbackHost, type RunningServer, type ServerLimits, serve } from '@nv2/http';
import { diskStorage } from './disk/storage.ts';
import { RegistryError } from './errors.ts';
import { collectGarbage, type GarbageOptions, type GarbageReport } from './garbage.ts';
import { passwordAuthentication, readHtpasswd } from './htpasswd.ts';
import { createRegistry } from './registry.ts';
import { RepositoryLocks } from './repository-locks.ts';
import type { RegistryLimits } from './service.ts';
import { UploadSessions } from './upload-sessions.ts';

/** Options of {@link startRegistry}. */
export interface StartRegistryOptions {
  /** Where everything is kept; made if it does not exist. */
  readonly dir: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** File of users with bcrypt hashes; without it everyone is let in. */
  readonly htpasswd?: string;
  /** Serve HTTPS with this certificate chain and key, both PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Serve everyone who can reach a network address, without passwords: reading and writing. */
  readonly dangerouslyAllowAnonymousNetworkAccess?: boolean;
  /** False: answer as a registry that does not have the referrers API. */
  readonly referrersApi?: boolean;
  readonly limits?: Partial<RegistryLimits>;
  readonly serverLimits?: Partial<ServerLimits>;
  /** An upload that received nothing for so long is dropped; default a day. */
  readonly uploadMaxAgeMs?: number;
  /** Told of failures that are not the client's. */
  readonly onError?: (error: unknown) => void;
}

/** A registry that accepts connections. */
export interface RunningRegistry extends RunningServer {
  /** {@link collectGarbage} while serving. */
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport>;
}

const UPLOAD_MAX_AGE_MS = 24 * 60 * 60 * 1000;
const EXPIRY_INTERVAL_MS = 60 * 60 * 1000;

/**
 * Serves a registry from a directory; resolves once connections are accepted.
 * @throws RegistryError `REGISTRY_ADDRESS_REFUSED`, `REGISTRY_HTPASSWD_INVALID`,
 *   `REGISTRY_DIRECTORY_INVALID`, `REGISTRY_DIRECTORY_LOCKED`, `REGISTRY_STORAGE_FAILED`
 * @throws HttpError `HTTP_LISTEN_FAILED`
 */
export async function startRegistry(options: StartRegistryOptions): Promise<RunningRegistry> {
  assertAddress(options);
  const users = options.htpasswd === undefined ? undefined : await readHtpasswd(options.htpasswd);
  const storage = await diskStorage(options.dir);
  try {
    const locks = new RepositoryLocks();
    const sessions = new UploadSessions(storage);
    const onError = options.onError ?? (() => undefined);
    const expire = async (): Promise<void> => {
      const maxAgeMs = options.uploadMaxAgeMs ?? UPLOAD_MAX_AGE_MS;
      await sessions.expire({ now: Date.now(), maxAgeMs });
    };
    await expire();
    const handler = createRegistry({
      storage,
      locks,
      sessions,
      onError,
      ...(users && { authenticate: passwordAuthentication(users) }),
      ...(options.limits && { limits: options.limits }),
      referrersApi: options.referrersApi ?? true,
    });
    const { host, port, tls, serverLimits: limits } = options;
    const server = await serve(handler, {
      host,
      port,
      onError,
      ...(tls && { tls }),
      ...(limits && { limits }),
    });
    const timer = setInterval(() => expire().catch(onError), EXPIRY_INTERVAL_MS).unref();
    return {
      url: server.url,
      collectGarbage: (garbage) => collectGarbage(storage, { ...garbage, locks }),
      close: async () => {
        clearInterval(timer);
        await server.close();
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function assertAddress(options: StartRegistryOptions): void {
  const { host } = options;
  if (isLoopbackHost(host) || options.htpasswd !== undefined) return;
  if (options.dangerouslyAllowAnonymousNetworkAccess === true) return;
  throw new RegistryError(
    'REGISTRY_ADDRESS_REFUSED',
    `anyone who reaches ${JSON.stringify(host)} could change the registry`,
    { hint: 'listen on 127.0.0.1, or ask for passwords with a htpasswd file', data: { host } },
  );
}
