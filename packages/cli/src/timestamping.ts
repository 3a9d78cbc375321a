import { resolve } from 'node:path';
import { Nv2Error } from '@nv2/core/errors';
import { readTimestampRoot, type Timestamper, timestampAuthority } from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { CommandFailure, prefixed, withFacts } from './failure.ts';
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
    prefixed('timestamp', () =>
      authority(signature, options).catch((error: unknown) => {
        throw isUntrusted(error)
          ? new CommandFailure({ hint: rootHint(path) }, { cause: error })
          : error;
      }),
    );
  return { timestamp, close };
}

function isUntrusted(error: unknown): error is Nv2Error {
  return error instanceof Nv2Error && error.data['causeCode'] === 'X509_TIMESTAMP_UNTRUSTED';
}

function rootHint(path: string): string {
  return `--timestamp-root-cert must be the root certificate that this very authority publishes, and ${path} is not; or check --timestamp-url`;
}
