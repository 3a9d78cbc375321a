import {
  type CrlCacheEvent,
  type CrlCacheLog,
  directoryRevocation,
  fileCrlCache,
  notationFiles,
  type OfflineRevocation,
  onlineRevocation,
  type RevocationChecker,
} from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { type HttpAccess, httpAccess } from './registry-access.ts';
import { CACHE_WARNING, cacheWords, statusLines } from './text/notation-revocation.ts';

/** A way to ask trust services. */
interface ServiceAccess extends HttpAccess {
  readonly revocation: RevocationChecker;
  readonly offlineRevocation: OfflineRevocation;
}

/** Asks revocation services and timestamp authorities, with a client that knows no credentials. */
export function serviceAccess(context: CommandContext): ServiceAccess {
  const { environment, log } = context;
  const { client, close } = httpAccess(context);
  const { knownPaths } = environment;
  const tell = cacheLog(context);
  const ask = onlineRevocation({
    client,
    ...(knownPaths && { crlCache: fileCrlCache(notationFiles(knownPaths).crlCache, tell) }),
    log: tell,
  });
  const logged =
    (checker: RevocationChecker): RevocationChecker =>
    async (chain, when) => {
      const statuses = await checker(chain, when);
      for (const { level, text } of statusLines(chain, statuses)) log(level, text);
      return statuses;
    };
  const directories = directoryRevocation();
  const offlineRevocation: OfflineRevocation = {
    ...directories,
    checker: (kept) => logged(directories.checker(kept)),
  };
  return { client, revocation: logged(ask), offlineRevocation, close };
}

const TROUBLE: ReadonlySet<CrlCacheEvent['event']> = new Set([
  'read-failed',
  'write-failed',
  'silent',
]);

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
    if (isSaid || !TROUBLE.has(event.event)) return;
    isSaid = true;
    printer.warn(CACHE_WARNING);
  };
}
