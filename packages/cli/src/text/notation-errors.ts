import { Nv2Error } from '@nv2/core';
import { type FailureFacts, withPrefix } from '../failure.ts';
import { causeWords } from './notation-causes.ts';
import { pluginSigningWords } from './notation-plugin-signing.ts';
import { verificationWords } from './notation-verification.ts';

/** The words that notation has for an error, without `Error: `. */
export function notationWords(thrown: Nv2Error, facts: FailureFacts): string {
  const error = withoutAnswerer(thrown);
  const known = verificationWords(error, facts) ?? pluginSigningWords(error, facts);
  return withPrefix((known ?? causeWords(error, facts)).trimEnd(), facts);
}

/** Whose answer it is that cannot be used, notation does not say: only what is wrong with it. */
function withoutAnswerer(error: Nv2Error): Nv2Error {
  const { code, cause, data } = error;
  const isWrapper =
    code === 'NOTARY_TIMESTAMP_SERVICE' ||
    (code === 'NOTARY_PLUGIN_ANSWER_REFUSED' && data['rule'] === 'envelope');
  return isWrapper && cause instanceof Nv2Error ? cause : error;
}
