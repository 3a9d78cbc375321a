import { causeWords, type Described, fact } from './notation-causes.ts';
import { quote } from './quote.ts';

const CAPABILITIES =
  '("SIGNATURE_VERIFIER.TRUSTED_IDENTITY" and/or "SIGNATURE_VERIFIER.REVOCATION_CHECK")';

type Words = (cause: Described, plugin: string) => string;

/** The plugin cannot be used: nothing says what it would have answered. */
const notLocated: Words = (cause, plugin) =>
  `error while locating the verification plugin ${quote(plugin)}, make sure the plugin is installed successfully before verifying the signature. error: ${causeWords(cause)}`;

const notAnswered: Words = (cause, plugin) =>
  fact(cause, 'command') === 'verify-signature'
    ? `failed to verify with plugin ${plugin}: ${causeWords(cause)}`
    : causeWords(cause);

const WORDS: Readonly<Record<string, Words>> = {
  NOTARY_PLUGIN_NAME_INVALID: notLocated,
  NOTARY_PLUGIN_NOT_FOUND: notLocated,
  NOTARY_PLUGIN_NOT_REGULAR: notLocated,
  NOTARY_PLUGIN_NOT_STARTED: notAnswered,
  NOTARY_PLUGIN_CRASHED: notAnswered,
  NOTARY_PLUGIN_TIMEOUT: notAnswered,
  NOTARY_PLUGIN_MALFORMED: notAnswered,
  NOTARY_PLUGIN_FAILED: notAnswered,
  NOTARY_PLUGIN_VERSION_INVALID: (cause, plugin) =>
    `plugin ${plugin} has pluginVersion ${fact(cause, 'version')} which is not in valid semver format`,
  NOTARY_PLUGIN_TOO_OLD: (cause, plugin) =>
    `found plugin ${plugin} with version ${fact(cause, 'version')} but signature verification needs plugin version greater than or equal to ${fact(cause, 'minVersion')}`,
  NOTARY_PLUGIN_CAPABILITY_MISSING: (_, plugin) =>
    `digital signature requires plugin ${quote(plugin)} with signature verification capabilities ${CAPABILITIES} installed`,
  NOTARY_ATTRIBUTE_UNPROCESSED: (cause, plugin) =>
    `extended critical attribute ${quote(fact(cause, 'attribute'))} was not processed by the verification plugin ${quote(plugin)} (all extended critical attributes must be processed by the verification plugin)`,
  NOTARY_PLUGIN_RESULTS_MISMATCH: (cause, plugin) =>
    fact(cause, 'rule') === 'missing'
      ? `verification plugin ${quote(plugin)} failed to verify ${quote(fact(cause, 'capability'))}`
      : cause.message,
  NOTARY_PLUGIN_REFUSED: (cause, plugin) => {
    // the first of them is written so by notation
    const what =
      fact(cause, 'capability') === 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'
        ? 'trusted identify verification by plugin'
        : 'revocation check by verification plugin';
    return `${what} ${quote(plugin)} failed with reason ${quote(fact(cause, 'reason'))}`;
  },
};

/** notation's words for what goes wrong with a plugin that verifies; undefined for other causes. */
export function pluginVerifyingWords(cause: Described): string | undefined {
  return WORDS[cause.code]?.(cause, fact(cause, 'plugin'));
}
