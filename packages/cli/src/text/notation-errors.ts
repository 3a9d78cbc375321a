import type { Nv2Error } from '@nv2/core';
import { type FailureFacts, withPrefix } from '../failure.ts';
import { causeWords } from './notation-causes.ts';
import { pluginSigningWords } from './notation-plugin-signing.ts';
import { verificationWords } from './notation-verification.ts';

/** The words that notation has for an error, without `Error: `. */
export function notationWords(error: Nv2Error, facts: FailureFacts): string {
  const known = verificationWords(error, facts) ?? pluginSigningWords(error, facts);
  return withPrefix((known ?? causeWords(error, facts)).trimEnd(), facts);
}
