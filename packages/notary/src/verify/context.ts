import type { CryptoPort } from '@nv2/core';
import type { NotaryPayload, VerifiedEnvelope } from '@nv2/envelope';
import type { CallOptions, Descriptor } from '@nv2/oci';
import type { Certificate } from '@nv2/x509';
import type { Denials } from '../denials/denials.ts';
import type { PluginConfig } from '../plugin/contract.ts';
import type { PluginFinder } from '../plugin/directory.ts';
import { checkedStatement } from '../policy/checked-statement.ts';
import { type Actions, resolveActions } from '../policy/levels.ts';
import { type SignatureStatement, trustStoresOf } from '../policy/statement.ts';
import type { OfflineRevocation, RevocationChecker } from '../revocation/finding.ts';
import { callOptions } from '../signatures/call-options.ts';
import {
  rememberedTrustStore,
  type TrustStore,
  type TrustStoreReference,
  trustStoreEmpty,
} from '../truststore/trust-store.ts';
import type { RequestedPlugin } from './attributes.ts';
import type { VerifyEvent } from './events.ts';
import type { Signer } from './signer.ts';

/** By what signatures are judged, whatever they are about. */
export interface JudgeOptions extends CallOptions {
  readonly trustStore: TrustStore;
  /** What is not accepted whatever signatures say. Default: nothing. */
  readonly denials?: Denials;
  /** Key and value pairs that a signature must have. */
  readonly userMetadata?: ReadonlyMap<string, string>;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  readonly crypto?: CryptoPort;
  /** Without it, a certificate that names a revocation service fails the check of revocation. */
  readonly revocation?: RevocationChecker;
  /** Without it, the check of revocation fails by a statement that has its answers in a directory. */
  readonly offlineRevocation?: OfflineRevocation;
  /** Without it, a signature that asks for a verification plugin is refused. */
  readonly plugins?: PluginFinder;
  /** For the plugins that signatures ask for. */
  readonly pluginConfig?: PluginConfig;
  /** Is told what happens while it happens. */
  readonly log?: (event: VerifyEvent) => void;
}

/** What all signatures of one verification are judged by. */
export interface JudgeContext {
  /** What the signature must be about, once its integrity holds. */
  readonly subjectFor: (signature: IntactSignature) => Promise<Descriptor>;
  readonly statement: SignatureStatement;
  readonly actions: Actions;
  readonly anchors: Anchors;
  readonly userMetadata: ReadonlyMap<string, string>;
  readonly now: () => Date;
  readonly crypto?: CryptoPort;
  readonly revocation?: RevocationChecker;
  readonly offlineRevocation?: OfflineRevocation;
  readonly plugins?: PluginFinder;
  readonly pluginConfig: PluginConfig;
  readonly log?: (event: VerifyEvent) => void;
  readonly signal?: AbortSignal;
}

/** A signature whose integrity holds, and the one time at which it is judged. */
export interface IntactSignature {
  readonly envelope: VerifiedEnvelope;
  readonly payload: NotaryPayload;
  readonly signer: Signer;
  /** The verification plugin that the signature asks for. */
  readonly plugin?: RequestedPlugin;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Set once a timestamp over the signature holds: its time, in milliseconds since the epoch. */
  timestampedAt?: number;
}

/** The trusted certificates of named stores; each store is read once, unless that failed. */
export type Anchors = (stores: readonly TrustStoreReference[]) => Promise<readonly Certificate[]>;

/**
 * The context of one verification.
 *
 * @throws TypeError for a statement that is none, as {@link checkedStatement} says
 */
export function judgeContext(
  prepared: Pick<JudgeContext, 'statement' | 'anchors' | 'subjectFor'>,
  options: JudgeOptions,
): JudgeContext {
  const statement = checkedStatement(prepared.statement);
  return {
    ...prepared,
    statement,
    actions: resolveActions(statement.signatureVerification),
    userMetadata: options.userMetadata ?? new Map(),
    pluginConfig: options.pluginConfig ?? new Map(),
    now: options.now ?? systemClock,
    ...(options.plugins !== undefined && { plugins: options.plugins }),
    ...(options.crypto !== undefined && { crypto: options.crypto }),
    ...(options.revocation !== undefined && { revocation: options.revocation }),
    ...(options.offlineRevocation !== undefined && {
      offlineRevocation: options.offlineRevocation,
    }),
    ...(options.log !== undefined && { log: options.log }),
    ...callOptions(options),
  };
}

/** Trust stores, each read when it is first asked for. @throws NotaryError `NOTARY_TRUST_STORE_EMPTY` */
export function anchorsOf(options: Pick<JudgeOptions, 'trustStore' | 'signal'>): Anchors {
  const stores = rememberedTrustStore(options.trustStore);
  const call = callOptions(options);
  return async (named) => {
    const read = named.map(async ({ type, name }) => {
      const certificates = await stores.certificates(type, name, call);
      // as one of the caller's own may be; that says nothing about a signature
      if (certificates.length === 0) throw trustStoreEmpty({ type, name });
      if (certificates.some((one) => one?.der === undefined)) {
        throw new TypeError(`the trust store ${type}:${name} gives what is no parsed certificate`);
      }
      return certificates;
    });
    const [only, ...more] = read;
    // the usual, without what it takes to wait for several
    if (only !== undefined && more.length === 0) return await only;
    return (await Promise.all(read)).flat();
  };
}

/** Reads the stores that decide about authenticity ahead of the check that needs them. */
export function readAhead(anchors: Anchors, statement: SignatureStatement): void {
  const needed = trustStoresOf(statement).filter(({ type }) => type !== 'tsa');
  // a failure is the result of that check, or of none
  anchors(needed).catch(() => undefined);
}

/** The time where the caller gives no clock. */
export function systemClock(): Date {
  return new Date();
}
