import type { TimestampUse, VerifyEvent } from '@nv2/notary';
import { type ArtifactName, policyReference } from './artifact-reference.ts';
import type { Logger } from './log.ts';
import {
  CHECK_BEGINNINGS,
  REVOCATION_OK,
  TIMESTAMP_OK,
  TIMESTAMP_WORDS,
} from './text/notation-log.ts';
import { checkWords } from './text/notation-verification.ts';

type CheckEvent = Extract<VerifyEvent, { event: 'check' }>;

/** Writes the events of one verification to the log, with the phrases that notation's log has. */
export function verificationLog({
  log,
  name,
  trustStorePath,
}: {
  readonly log: Logger;
  readonly name: ArtifactName;
  /** Absent where the certificates are from the command line. */
  readonly trustStorePath: string | undefined;
}): (event: VerifyEvent) => void {
  let digest = '';
  const tellChecks = checkLog(log);
  return (event) => {
    switch (event.event) {
      case 'resolved':
        ({ digest } = event.subject);
        log('info', `Reference ${event.reference} resolved to ${JSON.stringify(event.subject)}`);
        log('debug', `Check verification level against artifact ${policyReference(name, digest)}`);
        break;
      case 'statement':
        log('info', `Trust policy configuration: ${JSON.stringify(event.statement)}`);
        log('debug', `Trust store: ${trustStorePath ?? 'the certificates of the command line'}`);
        break;
      case 'signature':
        log(
          'info',
          `Processing signature with manifest mediaType: ${event.descriptor.mediaType} and digest: ${event.descriptor.digest}`,
        );
        log(
          'debug',
          `Verify signature against artifact ${digest} referenced as ${policyReference(name, digest)}`,
        );
        break;
      case 'timestamp':
      case 'check':
      case 'judged':
        tellChecks(event);
        break;
    }
  };
}

/** Writes the checks of signatures and the verdicts on them to the log. */
export function checkLog(
  log: Logger,
): (event: Extract<VerifyEvent, { event: 'timestamp' | 'check' | 'judged' }>) => void {
  let timestamp: TimestampUse | undefined;
  return (event) => {
    switch (event.event) {
      case 'timestamp':
        timestamp = event.use;
        break;
      case 'check':
        logCheck(event, { log, timestamp });
        break;
      case 'judged':
        timestamp = undefined;
        logJudgement(event, log);
        break;
    }
  };
}

function logCheck(
  { outcome }: CheckEvent,
  { log, timestamp }: { readonly log: Logger; readonly timestamp: TimestampUse | undefined },
): void {
  const { check, action, result, cause } = outcome;
  // what a plugin is asked and answers is told where it is called
  if (check === 'extension') return;
  if (result === 'skipped') {
    log('debug', `Skipping the ${check} validation`);
    return;
  }
  for (const phrase of CHECK_BEGINNINGS[check]) log('debug', phrase);
  const aboutTimestamp = check === 'authenticTimestamp' ? timestamp : undefined;
  if (aboutTimestamp !== undefined) {
    const { level, text } = TIMESTAMP_WORDS[aboutTimestamp];
    log(level, text);
  }
  if (cause !== undefined) {
    const ending = action === 'enforce' ? '' : ` with validation action set to "logged"`;
    const level = action === 'enforce' ? 'error' : 'warning';
    log(level, `${check} validation failed${ending}. Failure reason: ${checkWords(cause)}`);
    return;
  }
  if (aboutTimestamp === 'wanted') log('debug', TIMESTAMP_OK);
  if (check === 'revocation') log('debug', REVOCATION_OK);
}

function logJudgement({ signature }: Extract<VerifyEvent, { event: 'judged' }>, log: Logger): void {
  const { digest, outcome, cause } = signature;
  if (outcome === 'valid') {
    log('debug', `Signature verification succeeded with signature digest ${digest}`);
    return;
  }
  const reason = cause === undefined ? '' : ` with error: ${checkWords(cause)}`;
  log('warning', `Signature ${digest} failed verification${reason}`);
}
