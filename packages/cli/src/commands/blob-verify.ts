import {
  type Denials,
  directoryTrustStore,
  loadBlobTrustPolicy,
  NotaryError,
  notationFiles,
  VerificationError,
  verifyBlob,
} from '@nv2/notary';
import { formatOfSignatureFile, openBlob, readSignatureFile } from '../blob-files.ts';
import { blobVerificationLog } from '../blob-verification-log.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { CommandFailure } from '../failure.ts';
import { keyValues } from '../key-values.ts';
import { verificationPlugins } from '../plugin-access.ts';
import { serviceAccess } from '../service-access.ts';
import { configuredDenials } from '../trust/denial-list.ts';
import { refusedVerification, reportVerification } from '../verification-report.ts';

/** `blob verify`: exit 0 only with proof that the blob trust policy says yes. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, environment, log } = context;
  const [path = ''] = args;
  const signaturePath = flags.string('signature');
  assertFlags(context);
  const blob = await openBlob(path, context);
  const services = serviceAccess(context);
  const verified = { blob: path };
  let policyPath: string | undefined;
  try {
    const bytes = await readSignatureFile(signaturePath, context);
    const loaded = await loadPolicy(context);
    policyPath = loaded.path;
    const userMetadata = keyValues(context, 'user-metadata');
    const signature = { bytes, mediaType: formatOfSignatureFile(signaturePath) };
    const verification = await verifyBlob({ reference: path, content: blob.content }, signature, {
      policy: loaded.policy,
      ...chosen(context),
      denials: await loadDenials(context),
      trustStore: directoryTrustStore(notationFiles(environment.paths).trustStore),
      userMetadata,
      now: io.now,
      signal: io.signal,
      revocation: services.revocation,
      ...verificationPlugins(context),
      log: blobVerificationLog({ log, mediaType: signature.mediaType, environment }),
    });
    await reportVerification(context, verification, { verified, afterWarning: false, policyPath });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const facts = { artifact: path, isBlob: true };
    throw await refusedVerification(context, error, { verified, facts, policyPath });
  } finally {
    services.close();
    await blob.close();
  }
}

function assertFlags({ flags }: CommandContext): void {
  if (flags.string('signature') === '') {
    throw usageError('filepath of the signature cannot be empty');
  }
  if (flags.isSet('media-type') && flags.string('media-type') === '') {
    throw usageError('--media-type is set but with empty value');
  }
}

// As in the reference, an empty name is no name; nv2 refuses it, for another statement would decide.
function chosen({ flags, program }: CommandContext): {
  readonly statement?: string;
  readonly mediaType?: string;
} {
  const statement = flags.optionalOf(program, 'policy-name');
  const mediaType = flags.string('media-type');
  return {
    ...(statement !== undefined && { statement }),
    ...(mediaType !== '' && { mediaType }),
  };
}

async function loadDenials(context: CommandContext): Promise<Denials> {
  try {
    return await configuredDenials(context);
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw new CommandFailure({ loadsPolicy: true }, { cause });
  }
}

async function loadPolicy({
  environment,
  program,
}: CommandContext): ReturnType<typeof loadBlobTrustPolicy> {
  try {
    return await loadBlobTrustPolicy(environment.paths);
  } catch (error) {
    const { inConfiguredPolicy } = await import('../trust/policy-mistake.ts');
    const cause = inConfiguredPolicy(error, program);
    if (!(cause instanceof NotaryError)) throw cause;
    throw new CommandFailure({ loadsPolicy: true }, { cause });
  }
}
