import { type ErrorDetails, Nv2Error } from '@nv2/core/errors';

/** The error codes of `@nv2/cli`. */
export const CLI_ERRORS = {
  CLI_USAGE: { kind: 'input', meaning: 'the command line is not one that the program understands' },
  CLI_EXPERIMENTAL_DISABLED: {
    kind: 'denied',
    meaning: 'an experimental flag was used without NOTATION_EXPERIMENTAL=1',
  },
  CLI_HOME_UNKNOWN: {
    kind: 'input',
    meaning: 'no directory is known in which configuration, trust policies and trust stores are',
  },
  CLI_INPUT_REQUIRED: {
    kind: 'input',
    meaning: 'an answer is needed and none was given, or standard input is not a terminal',
  },
  CLI_INTERRUPTED: { kind: 'unavailable', meaning: 'the command was interrupted by a signal' },
  CLI_FILE_MISSING: { kind: 'missing', meaning: 'a file named on the command line does not exist' },
  CLI_FILE_DENIED: { kind: 'denied', meaning: 'the operating system refused access to a file' },
  CLI_FILE_UNREADABLE: { kind: 'input', meaning: 'a path is not a readable regular file' },
  CLI_FILE_EXISTS: { kind: 'conflict', meaning: 'a file that was to be made exists already' },
  CLI_FILE_TOO_LARGE: { kind: 'input', meaning: 'a file is larger than its limit' },
  CLI_CERTIFICATE_UNFIT: {
    kind: 'untrusted',
    meaning: 'a certificate breaks requirements of the Notary Project for what it is checked as',
  },
  CLI_POLICY_FINDINGS: {
    kind: 'untrusted',
    meaning: 'a trust policy has statements that can never be met or chosen',
  },
  CLI_POLICY_UNFORMATTED: {
    kind: 'untrusted',
    meaning: 'a trust policy is not written in the canonical form',
  },
  CLI_POLICY_CHANGED: {
    kind: 'untrusted',
    meaning:
      'a reference has another verdict by another trust policy or, where statements alone are compared, comes under another statement or demand',
  },
  CLI_POLICY_UNCOMPARED: {
    kind: 'unavailable',
    meaning:
      'no reference is known to have another verdict by another trust policy, and some could be verified by neither',
  },
  CLI_POLICY_TESTS_FAILED: {
    kind: 'untrusted',
    meaning: 'a trust policy decides otherwise than a test case expects',
  },
  CLI_DESTINATION_MISMATCH: {
    kind: 'input',
    meaning: 'the destination of a copy names another digest than that of its source',
  },
  CLI_WRITE_FAILED: {
    kind: 'unavailable',
    meaning: 'a file, or the standard output, could not be written',
  },
  CLI_CERTIFICATES_NOT_ADDED: {
    kind: 'input',
    meaning: 'a file could not be added to the trust store; data.failed has the code of each',
  },
  CLI_DENIAL_MISSING: {
    kind: 'missing',
    meaning: 'a digest that was to be taken out of the denial list is not on it',
  },
  CLI_CREDENTIAL_STORE_MISSING: {
    kind: 'missing',
    meaning: 'no credential store is configured that keeps a password safely',
  },
  CLI_SIGNATURE_SKIPPED: {
    kind: 'untrusted',
    meaning: 'at least one signature could not be read and was left out of the output',
  },
  CLI_SCAN_INPUT_INVALID: {
    kind: 'input',
    meaning: 'a line or a document that names references could not be read',
  },
  CLI_SCAN_EMPTY: { kind: 'input', meaning: 'there was no reference to scan' },
  CLI_SCAN_DENIED: {
    kind: 'untrusted',
    meaning: 'at least one of the references that were scanned was decided against',
  },
  CLI_SCAN_UNDECIDED: {
    kind: 'unavailable',
    meaning:
      'of the references that were scanned, none was decided against, and not all were decided',
  },
  CLI_SCAN_UNREADABLE: {
    kind: 'input',
    meaning: 'all references that could be read were verified, and at least one could not be read',
  },
  CLI_JOURNAL_INVALID: {
    kind: 'input',
    meaning: 'the file that a scan was to be resumed from is not the journal of a scan',
  },
  CLI_JOURNAL_IN_USE: { kind: 'conflict', meaning: 'another scan is writing to the same journal' },
} as const;

/** A key of {@link CLI_ERRORS}. */
export type CliErrorCode = keyof typeof CLI_ERRORS;

/** An error of the command line itself; its message is shown as it is, under either name. */
export class CliError extends Nv2Error {
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, details?: ErrorDetails) {
    super(CLI_ERRORS[code].kind, message, details);
    this.code = code;
  }
}

/** A {@link CliError} with the code for a command line that cannot be understood. */
export function usageError(message: string): CliError {
  return new CliError('CLI_USAGE', message);
}
