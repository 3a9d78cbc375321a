import { createHttpClient, type HttpClient, nodeTransport } from '@nv2/http';
import {
  type CacheTrouble,
  fileCrlCache,
  notationFiles,
  onlineRevocation,
  type RevocationChecker,
} from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { logHttp } from './registry-access.ts';
import { VERSION } from './version.ts';

/** A way to ask trust services. */
interface ServiceAccess {
  readonly client: HttpClient;
  readonly revocation: RevocationChecker;
  /** Lets go of the connections. */
  readonly close: () => void;
}

/** Asks revocation services and timestamp authorities, with a client that knows no credentials. */
export function serviceAccess(context: CommandContext): ServiceAccess {
  const { environment, log } = context;
  const { certificates, proxies: proxy, paths } = environment;
  const transport = nodeTransport({ certificates, proxy });
  const client = createHttpClient({
    transport,
    userAgent: `nv2/${VERSION}`,
    log: (event) => logHttp(event, log),
  });
  const onTrouble: CacheTrouble = (event, error) => {
    const what = event === 'read-failed' ? 'get crl bundle from' : 'store crl bundle in';
    const reason = error instanceof Error ? error.message : String(error);
    log('debug', `failed to ${what} file cache: ${reason}`);
  };
  const crlCache = fileCrlCache(notationFiles(paths).crlCache, onTrouble);
  const revocation = onlineRevocation({ client, crlCache });
  return { client, revocation, close: () => transport.close() };
}
