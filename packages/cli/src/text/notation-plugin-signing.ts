import type { Nv2Error } from '@nv2/core';
import type { FailureFacts } from '../failure.ts';
import { causeWords, type Described, fact } from './notation-causes.ts';
import { quote } from './quote.ts';

/** Errors of plugins that come before the plugin is asked to sign: nothing is put before them. */
const BEFORE_SIGNING: ReadonlySet<string> = new Set([
  'NOTARY_PLUGIN_NAME_INVALID',
  'NOTARY_PLUGIN_NOT_FOUND',
  'NOTARY_PLUGIN_NOT_REGULAR',
  'NOTARY_PLUGIN_METADATA_INVALID',
  'NOTARY_PLUGIN_NAME_MISMATCH',
  'NOTARY_PLUGIN_CAPABILITY_MISSING',
  'NOTARY_PLUGIN_TIMESTAMP_UNSUPPORTED',
]);

const NOT_VERIFIED = 'generated signature failed verification';

/** notation's words for an answer that cannot be used, by the rule that it breaks. */
const RULE_WORDS: Readonly<Record<string, (error: Described) => string>> = {
  'key-id': (error) =>
    `keyID in ${fact(error, 'command')} response ${quote(fact(error, 'got'))} does not match request ${quote(fact(error, 'expected'))}`,
  'envelope-type': (error) =>
    `signatureEnvelopeType in generateEnvelope response ${quote(fact(error, 'got'))} does not match request ${quote(fact(error, 'expected'))}`,
  certificate: () => 'x509: malformed certificate',
  target: (error) =>
    `during signing descriptor subject has changed from ${json(error, 'expected')} to ${json(error, 'got')}`,
  'unknown-members': (error) =>
    `during signing, following unknown attributes were added to subject descriptor: ${names(error)}`,
};

/** notation's words for what goes wrong while a plugin signs; undefined for other errors. */
export function pluginSigningWords(error: Nv2Error, facts: FailureFacts): string | undefined {
  const { signsWith } = facts;
  if (signsWith === undefined) return undefined;
  const { code } = error;
  if (code === 'NOTARY_PLUGIN_CAPABILITY_MISSING') {
    return signsWith.purpose === 'artifact'
      ? 'plugin does not have signing capabilities'
      : `the plugin ${quote(signsWith.plugin)} lacks the signature generator capability required for blob signing`;
  }
  const isOfPlugin = code.startsWith('NOTARY_PLUGIN_') && !BEFORE_SIGNING.has(code);
  if (!isOfPlugin && !code.startsWith('ENVELOPE_')) return undefined;
  if (fact(error, 'command') === 'get-plugin-metadata') return undefined;
  const words = signingWords(error, facts);
  return signsWith.purpose === 'artifact'
    ? `failed to sign with the plugin ${signsWith.plugin}: ${words}`
    : words;
}

function signingWords(error: Nv2Error, facts: FailureFacts): string {
  switch (error.code) {
    case 'NOTARY_PLUGIN_ANSWER_REFUSED':
      return RULE_WORDS[fact(error, 'rule')]?.(error) ?? error.message;
    case 'ENVELOPE_SIGNATURE_INVALID':
      return `${NOT_VERIFIED}: signature is invalid. Error: ${library(error)}verification error`;
    case 'ENVELOPE_CHAIN_INVALID':
      return `${NOT_VERIFIED}: ${isEmptyChain(error) ? 'certificate chain is not present' : error.message}`;
    default:
      if (error.code.startsWith('ENVELOPE_')) return `${NOT_VERIFIED}: ${error.message}`;
      return fact(error, 'command') === 'generate-envelope'
        ? `plugin failed to sign with following error: ${causeWords(error, facts)}`
        : causeWords(error, facts);
  }
}

/** Go's libraries for the two formats differ in whether they say who refused. */
function library(error: Described): string {
  if (fact(error, 'mediaType') === 'application/cose') return '';
  return fact(error, 'algorithm').startsWith('PS') ? 'crypto/rsa: ' : 'crypto/ecdsa: ';
}

function isEmptyChain(error: Nv2Error): boolean {
  return fact(error, 'reason') === 'X509_CHAIN_EMPTY';
}

function json(error: Described, name: string): string {
  return JSON.stringify(error.data?.[name]);
}

function names(error: Described): string {
  const unknown = error.data?.['unknown'];
  return Array.isArray(unknown)
    ? `[${unknown.map((name) => quote(String(name))).join(' ')}]`
    : '[]';
}
