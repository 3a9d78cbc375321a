import { createHttpClient, type HttpClient, nodeTransport } from '@nv2/http';
import {
  type CrlCacheLog,
  fileCrlCache,
  notationFiles,
  onlineRevocation,
  type RevocationChecker,
} from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { logHttp } from './registry-access.ts';
import { CACHE_WARNING, cacheWords, statusLines } from './text/notation-revocation.ts';
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
  const { certificates, proxies: proxy, knownPaths } = environment;
  const transport = nodeTransport({ certificates, proxy });
  const client = createHttpClient({
    transport,
    userAgent: `nv2/${VERSION}`,
    log: (event) => logHttp(event, log),
  });
  const tell = cacheLog(context);
  const ask = onlineRevocation({
    client,
    ...(knownPaths && { crlCache: fileCrlCache(notationFiles(knownPaths).crlCache, tell) }),
    log: tell,
  });
  const revocation: RevocationChecker = async (chain, when) => {
    const statuses = await ask(chain, when);
    for (const { level, text } of statusLines(chain, statuses)) log(level, text);
    return statuses;
  };
  return { client, revocation, close: () => transport.close() };
}

// A cache that is of no use is said without -d too, once: the next run is as slow as this one.
function cacheLog({ log, printer }: CommandContext): CrlCacheLog {
  let isSaid = false;
  return (event) => {
    const words = cacheWords(event);
    if (event.event === 'unusable') {
      printer.warn(words);
      return;
    }
    log('debug', words);
    if (isSaid || (event.event !== 'read-failed' && event.event !== 'write-failed')) return;
    isSaid = true;
    printer.warn(CACHE_WARNING);
  };
}
