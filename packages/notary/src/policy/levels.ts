import { quoted } from '@nv2/core';

/** The checks of a signature, in the order in which they are made; nobody can write into it. */
export const CHECKS: readonly [
  'integrity',
  'authenticity',
  'expiry',
  'authenticTimestamp',
  'revocation',
] = Object.freeze(['integrity', 'authenticity', 'expiry', 'authenticTimestamp', 'revocation']);

/** One check of a signature (trust-store-trust-policy.md, "Signature Verification details"). */
export type CheckName = (typeof CHECKS)[number];

/** All actions that a policy can give a check. */
export const ACTIONS = ['enforce', 'log', 'skip'] as const;

/** What a failed check does: end the signature, be recorded, or not be made at all. */
export type CheckAction = (typeof ACTIONS)[number];

/** The action of every check. */
export type Actions = Readonly<Record<CheckName, CheckAction>>;

/** Names of the verification levels. */
export type LevelName = 'strict' | 'permissive' | 'audit' | 'skip';

/** The verification levels and the action that each gives to each check; nobody can write into it. */
export const LEVELS: Readonly<Record<LevelName, Actions>> = Object.freeze({
  strict: Object.freeze({
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'enforce',
    expiry: 'enforce',
    revocation: 'enforce',
  }),
  permissive: Object.freeze({
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  }),
  audit: Object.freeze({
    integrity: 'enforce',
    authenticity: 'log',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  }),
  skip: Object.freeze({
    integrity: 'skip',
    authenticity: 'skip',
    authenticTimestamp: 'skip',
    expiry: 'skip',
    revocation: 'skip',
  }),
});

/** When a statement with a timestamping trust store asks for a timestamp. */
export const TIMESTAMP_OPTIONS = ['always', 'afterCertExpiry'] as const;

/** `always` (the default), or only once a certificate of the signing chain has expired. */
export type TimestampOption = (typeof TIMESTAMP_OPTIONS)[number];

/** The validated `signatureVerification` of a policy statement. */
export interface SignatureVerification {
  readonly level: LevelName;
  /** Empty if the level is used as it is. Never has `integrity`; `skip` only for `revocation`. */
  readonly override: ReadonlyMap<CheckName, CheckAction>;
  readonly verifyTimestamp: TimestampOption;
}

/**
 * The action of every check after the overrides.
 *
 * @throws TypeError for a level, check or action that there is not, as a statement that was made by hand
 *   may have: a check that nothing is known to be done about would not be enforced
 */
export function resolveActions({ level, override }: SignatureVerification): Actions {
  if (!isLevelName(level)) throw new TypeError(`expected a level, got ${quoted(String(level))}`);
  const actions: Record<CheckName, CheckAction> = { ...LEVELS[level] };
  for (const [check, action] of override) {
    if (!isCheckName(check) || !isCheckAction(action)) {
      throw new TypeError(`expected an override, got ${quoted(`${check}: ${action}`)}`);
    }
    actions[check] = action;
  }
  return actions;
}

/** The name of the level for people: `custom` where the statement overrides something. */
export function levelLabel(verification: SignatureVerification): LevelName | 'custom' {
  return verification.override.size === 0 ? verification.level : 'custom';
}

/** Whether text names a level. */
export function isLevelName(text: string): text is LevelName {
  return Object.hasOwn(LEVELS, text);
}

/** Whether text names a check. */
export function isCheckName(text: string): text is CheckName {
  return (CHECKS as readonly string[]).includes(text);
}

/** Whether text names an action. */
export function isCheckAction(text: string): text is CheckAction {
  return (ACTIONS as readonly string[]).includes(text);
}

/** Whether text is a value of `verifyTimestamp`. */
export function isTimestampOption(text: string): text is TimestampOption {
  return (TIMESTAMP_OPTIONS as readonly string[]).includes(text);
}
