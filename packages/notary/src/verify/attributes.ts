import type { EnvelopeContent, ExtendedAttribute } from '@nv2/envelope';
import { NotaryError } from '../errors.ts';
import { isSemver } from '../plugin/semver.ts';

/** Names the plugin that must take part in the verification. */
export const VERIFICATION_PLUGIN = 'io.cncf.notary.verificationPlugin';

/** The least version of that plugin. */
export const VERIFICATION_PLUGIN_MIN_VERSION = 'io.cncf.notary.verificationPluginMinVersion';

/**
 * The verification plugin that a signature asks for, if any. Without a plugin, a critical attribute
 * that nobody understands is refused.
 *
 * @throws NotaryError `NOTARY_ATTRIBUTE_UNSUPPORTED`, `NOTARY_ATTRIBUTE_INVALID`
 * @see specifications plugin-extensibility.md "Verification Extensibility"
 */
export function verificationPluginOf(content: EnvelopeContent): string | undefined {
  const { extendedAttributes } = content;
  const plugin = criticalText(extendedAttributes, VERIFICATION_PLUGIN);
  if (plugin === undefined) {
    const unknown = extendedAttributes.find(({ critical }) => critical);
    if (unknown === undefined) return undefined;
    throw new NotaryError(
      'NOTARY_ATTRIBUTE_UNSUPPORTED',
      `the critical attribute ${JSON.stringify(unknown.key)} is not known`,
      { data: { attribute: unknown.key } },
    );
  }
  const version = criticalText(extendedAttributes, VERIFICATION_PLUGIN_MIN_VERSION);
  if (version !== undefined && !isSemver(version)) {
    throw malformed(VERIFICATION_PLUGIN_MIN_VERSION, 'is not a semantic version');
  }
  return plugin;
}

function criticalText(attributes: readonly ExtendedAttribute[], key: string): string | undefined {
  const attribute = attributes.find((candidate) => candidate.key === key);
  if (attribute === undefined) return undefined;
  if (!attribute.critical) throw malformed(key, 'is not critical');
  if (typeof attribute.value !== 'string') throw malformed(key, 'is not text');
  if (attribute.value.trim() === '') throw malformed(key, 'is empty');
  return attribute.value;
}

function malformed(attribute: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_ATTRIBUTE_INVALID', `the attribute ${attribute} ${problem}`, {
    data: { attribute },
  });
}
