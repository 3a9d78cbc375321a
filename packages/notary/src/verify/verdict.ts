import type { EnvelopeMediaType, SigningScheme } from '@nv2/envelope';
import type { Descriptor } from '@nv2/oci';
import type { Cause } from '../cause.ts';
import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import {
  type Actions,
  type CheckAction,
  type CheckName,
  type LevelName,
  levelLabel,
  resolveActions,
  type TimestampOption,
} from '../policy/levels.ts';
import { formatScope } from '../policy/scopes.ts';
import type { Applicable } from '../policy/select.ts';
import {
  askedIdentities,
  type RequiredSigner,
  type SignatureStatement,
  trustStoresOf,
} from '../policy/statement.ts';
import { formatTrustStore } from '../truststore/trust-store.ts';

/**
 * Everything that one verification found out, as plain data: who asks for words makes them from it.
 * A verdict alone is no proof; {@link Verification} is.
 */
export interface Verdict {
  /** As it was asked for. */
  readonly reference: string;
  /**
   * What the artifact runs on, as os/architecture[/variant]: the word of the index that it was found
   * in. Absent of what was not found in an index.
   */
  readonly platform?: string;
  /**
   * What every signature was compared with. Absent if the reference could not be resolved. For a
   * platform it is the manifest that was chosen, or the index if it did not come to a choice.
   */
  readonly subject?: Descriptor;
  /** The statement of the trust policy that decided. Absent if none applies. */
  readonly statement?: StatementSummary;
  /** When the verdict was reached, RFC 3339 in UTC. */
  readonly judgedAt: string;
  /**
   * `verified`: enough signatures are valid. `skipped`: the policy asks for no signature. `denied`: it was
   * decided that no signature is valid. `unavailable`: it could not be decided.
   */
  readonly outcome: 'verified' | 'skipped' | 'denied' | 'unavailable';
  /** Why, unless verified or skipped. */
  readonly cause?: Cause;
  /** In the order of the list, up to the one with which there were enough valid ones. */
  readonly signatures: readonly SignatureVerdict[];
}

/** The statement of the trust policy that decided. */
export interface StatementSummary {
  readonly name: string;
  /** `custom` where the statement overrides a check of its level. */
  readonly level: LevelName | 'custom';
  readonly baseLevel: LevelName;
  readonly actions: Actions;
  readonly verifyTimestamp: TimestampOption;
  /** As `type:name`. */
  readonly trustStores: readonly string[];
  /** `*` for anybody under the trust stores; of signers that are known by key alone, none. */
  readonly trustedIdentities: readonly string[];
  /** Where there are several, or one of a name of its own or that is known by key: who they are. */
  readonly signers?: readonly SignerDemand[];
  /** How many of `signers` must have signed, each with a key of its own. */
  readonly threshold?: number;
  /** Of a statement about OCI artifacts. */
  readonly registryScopes?: readonly string[];
  /** The one of them that covers the repository. */
  readonly appliesBy?: string;
  /** Of a statement about blobs: whether it decides where none is named. */
  readonly globalPolicy?: boolean;
}

/** One of the signers of a statement, and all by which it is known. */
export interface SignerDemand {
  readonly name: string;
  /** As `type:name`. Empty if it is known by key alone. */
  readonly trustStores: readonly string[];
  readonly trustedIdentities: readonly string[];
  /** SHA-256 of the SubjectPublicKeyInfo of the keys that may sign, as `sha256:hex`. Absent: any. */
  readonly keys?: readonly string[];
}

/** What was found out about one signature. */
export interface SignatureVerdict {
  /** Of the signature manifest; of a blob's signature, of the envelope. */
  readonly digest: string;
  /** `valid`: no enforced check failed. `undecided`: it could not be judged. */
  readonly outcome: 'valid' | 'invalid' | 'undecided';
  /** Why it is not valid: the cause of the check that ended it, or what no check covers. */
  readonly cause?: Cause;
  /** Of a valid signature: the signers of the statement that it may be of. */
  readonly countsFor?: readonly string[];
  readonly mediaType?: EnvelopeMediaType;
  /** From here on only what the intact envelope says; the signer may still be untrusted. */
  readonly signer?: SignerSummary;
  readonly signingScheme?: SigningScheme;
  /** RFC 3339 in UTC; claimed by the signer unless the scheme is notary.x509.signingAuthority. */
  readonly signingTime?: string;
  readonly expiry?: string;
  readonly userMetadata?: Readonly<Record<string, string>>;
  /** Every check, in the order in which they are made. Empty if nothing could be fetched. */
  readonly checks: readonly CheckOutcome[];
}

/** Who signed: the leaf certificate. */
export interface SignerSummary {
  /** As Go prints names, which is what trusted identities are compared with. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  /** RFC 3339 in UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly thumbprint: string;
  /** SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKey: string;
  /** As in `ES256`. */
  readonly algorithm: string;
}

/**
 * What one check found. `extension` is that of the verification plugin which the signature asks for:
 * it could be used, processed every critical attribute that is not known here, and answered for the
 * checks that it takes over. What it answered is the result of these. It is enforced at every level
 * that has checks.
 */
export interface CheckOutcome {
  readonly check: CheckName | 'extension';
  readonly action: CheckAction;
  /** `skipped`: not made, because the action says so or an enforced check failed before. */
  readonly result: 'passed' | 'failed' | 'undecided' | 'skipped';
  readonly cause?: Cause;
  /** Of a check that passed: what could not be found out, and the statement lets pass. */
  readonly warnings?: readonly Cause[];
  /** The time that was compared with, RFC 3339 in UTC. */
  readonly judgedAt: string;
  /** Of `extension`, as the signer wrote it, and of each check that the plugin answered for. */
  readonly plugin?: string;
  /** Of an `extension` that passed: the critical attributes that the plugin processed. */
  readonly processedAttributes?: readonly string[];
}

declare const proof: unique symbol;

/**
 * Proof, which `verify` alone makes, that the trust policy was asked and said yes: the verdict is
 * `verified` or, where the policy asks for no signature, `skipped`.
 */
export interface Verification {
  readonly verdict: Verdict & {
    readonly outcome: 'verified' | 'skipped';
    readonly subject: Descriptor;
  };
  readonly [proof]: true;
}

/** A verification that did not end in a yes, with the whole verdict. */
export class VerificationError extends NotaryError {
  readonly verdict: Verdict;

  constructor(
    code: NotaryErrorCode,
    message: string,
    details: { readonly verdict: Verdict; readonly cause?: unknown },
  ) {
    const { verdict, cause } = details;
    super(code, message, { cause, hint: verdict.cause?.hint, data: verdict.cause?.data });
    this.verdict = verdict;
  }
}

/** The statement as data. */
export function summarizeStatement(statement: SignatureStatement): StatementSummary {
  const { name, signatureVerification, signers, threshold } = statement;
  const demands = signers.map(summarizeSigner);
  // notation's statements have one signer, called as they are and known by what the other fields say
  const isPlain =
    demands.length <= 1 && demands.every((one) => one.name === name && one.keys === undefined);
  return {
    name,
    level: levelLabel(signatureVerification),
    baseLevel: signatureVerification.level,
    actions: resolveActions(signatureVerification),
    verifyTimestamp: signatureVerification.verifyTimestamp,
    trustStores: trustStoresOf(statement).map(formatTrustStore),
    trustedIdentities: demands.flatMap(({ trustedIdentities }) => trustedIdentities),
    ...(!isPlain && { signers: demands, threshold }),
  };
}

/** A signer of a statement as data. */
export function summarizeSigner(signer: RequiredSigner): SignerDemand {
  const { name, trustStores, keys } = signer;
  return {
    name,
    trustStores: trustStores.map(formatTrustStore),
    trustedIdentities: askedIdentities(signer).map(({ text }) => text),
    ...(keys !== undefined && { keys: [...keys].map((key) => `sha256:${key}`) }),
  };
}

/** The statement as data, and by which of its scopes it decides. */
export function summarizeApplicable({ statement, scope }: Applicable): StatementSummary {
  return {
    ...summarizeStatement(statement),
    registryScopes: statement.scopes.map(formatScope),
    appliesBy: formatScope(scope),
  };
}
