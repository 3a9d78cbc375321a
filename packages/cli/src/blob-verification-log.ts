import type { EnvelopeMediaType } from '@nv2/envelope';
import { notationFiles, type StatementSummary, type VerifyEvent } from '@nv2/notary';
import type { Environment } from './environment.ts';
import type { Logger } from './log.ts';
import { checkLog } from './verification-log.ts';

/** Writes the events of the verification of a blob to the log, with notation's phrases. */
export function blobVerificationLog({
  log,
  mediaType,
  environment,
}: {
  readonly log: Logger;
  readonly mediaType: EnvelopeMediaType;
  readonly environment: Environment;
}): (event: VerifyEvent) => void {
  const tellChecks = checkLog(log);
  log('debug', `Verify signature of media type ${mediaType}`);
  return (event) => {
    switch (event.event) {
      case 'statement':
        log('info', `Trust policy configuration: ${goStatement(event.statement)}`);
        log('debug', `Trust store: ${notationFiles(environment.paths).trustStore}`);
        break;
      case 'timestamp':
      case 'check':
      case 'judged':
        tellChecks(event);
        break;
      case 'resolved':
      case 'signature':
        break;
    }
  };
}

/** The statement as Go prints the reference's struct. */
function goStatement(statement: StatementSummary): string {
  const { name, baseLevel, verifyTimestamp, trustStores, trustedIdentities } = statement;
  const verification = `{VerificationLevel:${baseLevel} VerifyTimestamp:${verifyTimestamp}}`;
  return `&{Name:${name} SignatureVerification:${verification} TrustStores:[${trustStores.join(' ')}] TrustedIdentities:[${trustedIdentities.join(' ')}] GlobalPolicy:${statement.globalPolicy === true}}`;
}
