import { Nv2Error, quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';

/** A key of a plugin, for messages. */
export interface PluginKeyName {
  readonly plugin: string;
  /** As the plugin knows the key. */
  readonly keyId: string;
}

/** What an answer breaks, and what is known of it. */
interface Fault {
  readonly rule: string;
  readonly problem: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Rules, and codes of what an envelope breaks, that are about the key rather than the contract. */
const ABOUT_KEY: ReadonlySet<string> = new Set([
  'key-id',
  'key-spec',
  'certificate',
  'validity',
  'ENVELOPE_SIGNATURE_INVALID',
  'ENVELOPE_CHAIN_INVALID',
  'ENVELOPE_ALGORITHM_MISMATCH',
  'ENVELOPE_KEY_UNSUPPORTED',
]);

/** The error for what a plugin answered when it was to sign: it has decided nothing, it does not work. */
export function answerRefused(
  { plugin, keyId }: PluginKeyName,
  { rule, problem, data = {}, cause }: Fault,
): NotaryError {
  const causeCode = rule === 'envelope' && cause instanceof Nv2Error ? cause.code : undefined;
  const key = quoted(keyId);
  return new NotaryError(
    'NOTARY_PLUGIN_ANSWER_REFUSED',
    `the answer of the plugin ${plugin} cannot be used: ${problem}`,
    {
      cause,
      data: { ...data, plugin, keyId, rule, ...(causeCode !== undefined && { causeCode }) },
      hint: ABOUT_KEY.has(causeCode ?? rule)
        ? `check the key ${key} in the plugin ${plugin}: it has to sign with that very key, and to answer with the code signing chain of it, from the certificate of the key to its root; else ask the maker of the plugin to correct it`
        : `ask the maker of the plugin ${plugin} to correct how it signs with the key ${key}, or sign with another plugin`,
    },
  );
}

/** The same for an envelope that does not hold as the plugin, or its signature, made it. */
export function envelopeRefused(key: PluginKeyName, cause: Nv2Error): NotaryError {
  const { message: problem, data } = cause;
  return answerRefused(key, { rule: 'envelope', problem, data, cause });
}
