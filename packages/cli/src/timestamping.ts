import { resolve } from 'node:path';
import { readTimestampRoot, type Timestamper, timestampAuthority } from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { prefixed, withFacts } from './failure.ts';
import { serviceAccess } from './service-access.ts';

/** The timestamp authority that `--timestamp-url` and `--timestamp-root-cert` name, if they do. */
export async function openTimestamping(
  context: CommandContext,
): Promise<{ readonly timestamp: Timestamper; readonly close: () => void } | undefined> {
  const { io, flags, log } = context;
  if (!flags.isSet('timestamp-url')) return undefined;
  const url = flags.string('timestamp-url');
  if (url === '') throw usageError('timestamping: tsa url cannot be empty');
  const path = flags.string('timestamp-root-cert');
  if (path === '') throw usageError('timestamping: tsa root certificate path cannot be empty');
  const root = await withFacts({ given: path }, () => readTimestampRoot(resolve(io.cwd, path)));
  log('info', `Configured to timestamp with TSA ${url}`);
  const { client, revocation, close } = serviceAccess(context);
  const authority = await prefixed('cannot get http timestamper for timestamping', async () =>
    timestampAuthority({ url, root, client, revocation, now: () => io.now() }),
  );
  const timestamp: Timestamper = (signature, options) =>
    prefixed('timestamp', () => authority(signature, options));
  return { timestamp, close };
}
