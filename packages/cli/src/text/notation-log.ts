import type { CheckName, TimestampUse } from '@nv2/notary';
import type { LogLine } from '../log.ts';

/** What notation's log says when a check begins. */
export const CHECK_BEGINNINGS: Readonly<Record<CheckName, readonly string[]>> = {
  integrity: ['Validating integrity'],
  authenticity: ['Validating cert chain', 'Validating trust identity'],
  expiry: ['Validating expiry'],
  authenticTimestamp: ['Validating authentic timestamp'],
  revocation: ['Validating revocation'],
};

/** What notation's log says of the timestamp before it looks at it, or why it does not. */
export const TIMESTAMP_WORDS: Readonly<Record<TimestampUse, LogLine>> = {
  wanted: { level: 'debug', text: 'Performing timestamp verification...' },
  'no-store': {
    level: 'info',
    text: 'Timestamp verification disabled: no tsa trust store is configured in trust policy',
  },
  'chain-unexpired': {
    level: 'info',
    text: 'Timestamp verification disabled: verifyTimestamp is set to "afterCertExpiry" and signing cert chain unexpired',
  },
};

/** When a timestamp passed. */
export const TIMESTAMP_OK = 'Timestamp verification: Success';

/** When no certificate was revoked. */
export const REVOCATION_OK =
  'No verification impacting errors encountered while checking revocation, status is OK';
