import { notationFiles, type VerifyEvent } from '@nv2/notary';
import { type ArtifactName, policyReference } from './artifact-reference.ts';
import type { Environment } from './environment.ts';
import type { Logger } from './log.ts';
import { checkWords } from './text/notation-verification.ts';

type CheckEvent = Extract<VerifyEvent, { event: 'check' }>;

/** What notation's log says when a check begins. */
const BEGINNINGS: Readonly<Record<CheckEvent['outcome']['check'], readonly string[]>> = {
  integrity: ['Validating integrity'],
  authenticity: ['Validating cert chain', 'Validating trust identity'],
  expiry: ['Validating expiry'],
  authenticTimestamp: ['Validating authentic timestamp'],
  revocation: ['Validating revocation'],
};

/** Writes the events of one verification to the log, with the phrases that notation's log has. */
export function verificationLog({
  log,
  name,
  environment,
}: {
  readonly log: Logger;
  readonly name: ArtifactName;
  readonly environment: Environment;
}): (event: VerifyEvent) => void {
  let digest = '';
  let usesTimestamps = false;
  return (event) => {
    switch (event.event) {
      case 'resolved':
        ({ digest } = event.subject);
        log('info', `Reference ${event.reference} resolved to ${JSON.stringify(event.subject)}`);
        log('debug', `Check verification level against artifact ${policyReference(name, digest)}`);
        break;
      case 'statement':
        usesTimestamps = event.statement.trustStores.some((store) => store.startsWith('tsa:'));
        log('info', `Trust policy configuration: ${JSON.stringify(event.statement)}`);
        log('debug', `Trust store: ${notationFiles(environment.paths).trustStore}`);
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
      case 'check':
        logCheck(event, { log, usesTimestamps });
        break;
      case 'judged':
        logJudgement(event, log);
        break;
    }
  };
}

/** Writes the outcome of one check to the log. */
export function logCheck(
  { outcome }: CheckEvent,
  { log, usesTimestamps }: { readonly log: Logger; readonly usesTimestamps: boolean },
): void {
  const { check, action, result, cause } = outcome;
  if (result === 'skipped') {
    log('debug', `Skipping the ${check} validation`);
    return;
  }
  for (const phrase of BEGINNINGS[check]) log('debug', phrase);
  if (cause !== undefined) {
    const ending = action === 'enforce' ? '' : ` with validation action set to "logged"`;
    const level = action === 'enforce' ? 'error' : 'warning';
    log(level, `${check} validation failed${ending}. Failure reason: ${checkWords(cause)}`);
    return;
  }
  if (check === 'authenticTimestamp' && !usesTimestamps) {
    log(
      'info',
      'Timestamp verification disabled: no tsa trust store is configured in trust policy',
    );
  }
  if (check === 'revocation') {
    log(
      'debug',
      'No verification impacting errors encountered while checking revocation, status is OK',
    );
  }
}

/** Writes the verdict on one signature to the log. */
export function logJudgement(
  { signature }: Extract<VerifyEvent, { event: 'judged' }>,
  log: Logger,
): void {
  const { digest, outcome, cause } = signature;
  if (outcome === 'valid') {
    log('debug', `Signature verification succeeded with signature digest ${digest}`);
    return;
  }
  const reason = cause === undefined ? '' : ` with error: ${checkWords(cause)}`;
  log('warning', `Signature ${digest} failed verification${reason}`);
}
