import { Nv2Error } from '@nv2/core';
import { NOTARY_ERRORS, type NotaryErrorCode } from './errors.ts';

/** Why something failed, as data. */
export interface Cause {
  /** The stable code of an error of any nv2 package. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An error as data. What is not one of nv2's errors has the code `NOTARY_UNEXPECTED`. */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof Nv2Error)) {
    const message = error instanceof Error ? error.message : textOf(error);
    return {
      code: 'NOTARY_UNEXPECTED',
      message: `${NOTARY_ERRORS.NOTARY_UNEXPECTED.meaning}: ${message}`,
    };
  }
  const { code, message, hint, data } = error;
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(Object.keys(data).length > 0 && { data }),
  };
}

/** What is no error may not even have a text. */
function textOf(thrown: unknown): string {
  return typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : String(thrown);
}

/**
 * What is wrong with a trust store or a plugin, which are of whoever verifies: it says nothing about
 * a signature. Which plugin is run, and what it is given, a signer does choose; one whom the trust
 * stores do not know only where the policy does not enforce authenticity, and so lets them pass.
 */
const INSTALLATION_UNUSABLE: ReadonlySet<string> = new Set<NotaryErrorCode>([
  'NOTARY_TRUST_STORE_TYPE_INVALID',
  'NOTARY_TRUST_STORE_NAME_INVALID',
  'NOTARY_TRUST_STORE_NOT_FOUND',
  'NOTARY_TRUST_STORE_NOT_DIRECTORY',
  'NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR',
  'NOTARY_TRUST_STORE_EMPTY',
  'NOTARY_TRUST_STORE_LIMIT',
  'NOTARY_CERTIFICATE_UNREADABLE',
  'NOTARY_CERTIFICATE_NOT_ANCHOR',
  'NOTARY_CERTIFICATE_NOT_ROOT',
  'NOTARY_FILE_NOT_FOUND',
  'NOTARY_FILE_NOT_REGULAR',
  'NOTARY_FILE_TOO_LARGE',
  'NOTARY_PLUGIN_METADATA_INVALID',
  'NOTARY_PLUGIN_NAME_MISMATCH',
  'NOTARY_PLUGIN_NOT_REGULAR',
  'NOTARY_PLUGIN_VERSION_INVALID',
]);

/**
 * Whether an error means that something could not be decided, rather than that it was decided
 * against. What someone can bring about who may merely push to the repository is never undecided:
 * or an attacker could choose that answer.
 */
export function isUndecided(error: unknown): boolean {
  if (!(error instanceof Nv2Error) || INSTALLATION_UNUSABLE.has(error.code)) return true;
  return error.kind === 'unavailable' || error.kind === 'denied' || error.kind === 'internal';
}
