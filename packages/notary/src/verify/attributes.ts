import { quoted } from '@nv2/core';
import type { AttributeValue, EnvelopeContent, ExtendedAttribute } from '@nv2/envelope';
import { NotaryError } from '../errors.ts';
import type { Json } from '../plugin/codec.ts';
import { isSemver } from '../plugin/semver.ts';

/** Names the plugin that must take part in the verification. */
export const VERIFICATION_PLUGIN = 'io.cncf.notary.verificationPlugin';

/** The least version of that plugin. */
export const VERIFICATION_PLUGIN_MIN_VERSION = 'io.cncf.notary.verificationPluginMinVersion';

/** The plugin that must take part in a verification. */
export interface RequestedPlugin {
  /** As the signer wrote it: anything. */
  readonly name: string;
  /** Semantic version. */
  readonly minVersion?: string;
}

/**
 * The verification plugin that a signature asks for, if any. Without a plugin, a critical attribute
 * that nobody understands is refused; so is one with a plugin that could not be told of it.
 *
 * @throws NotaryError `NOTARY_ATTRIBUTE_UNSUPPORTED`, `NOTARY_ATTRIBUTE_INVALID`
 * @see specifications plugin-extensibility.md "Verification Extensibility"
 */
export function verificationPluginOf(content: EnvelopeContent): RequestedPlugin | undefined {
  const attributes = content.extendedAttributes;
  const name = criticalText(attributes, VERIFICATION_PLUGIN);
  if (name === undefined) {
    const unknown = attributes.find(({ critical }) => critical);
    if (unknown === undefined) return undefined;
    throw unsupported(unknown, 'is not known');
  }
  const minVersion = criticalText(attributes, VERIFICATION_PLUGIN_MIN_VERSION);
  if (minVersion !== undefined && !isSemver(minVersion)) {
    throw malformed(VERIFICATION_PLUGIN_MIN_VERSION, 'is not a semantic version');
  }
  const untold = attributes.find((one) => one.critical && jsonOf(one) === undefined);
  if (untold !== undefined) throw unsupported(untold, 'has no form in JSON to tell a plugin');
  return { name, ...(minVersion !== undefined && { minVersion }) };
}

/** The names of the critical attributes that only a plugin can process. */
export function criticalAttributes({ extendedAttributes }: EnvelopeContent): readonly string[] {
  return extendedAttributes
    .filter(({ critical, key }) => critical && !isOfPlugin(key))
    .map(({ key }) => String(key));
}

/** The attributes that a plugin is told, critical or not. */
export function extendedAttributes(content: EnvelopeContent): ReadonlyMap<string, Json> {
  const told = content.extendedAttributes.flatMap((attribute) => {
    const value = isOfPlugin(attribute.key) ? undefined : jsonOf(attribute);
    return value === undefined ? [] : [[String(attribute.key), value] as const];
  });
  return new Map(told);
}

function isOfPlugin(key: ExtendedAttribute['key']): boolean {
  return key === VERIFICATION_PLUGIN || key === VERIFICATION_PLUGIN_MIN_VERSION;
}

// The contract knows attributes by name, so one with a number for a label cannot be told.
function jsonOf({ key, value }: ExtendedAttribute): Json | undefined {
  return typeof key === 'string' ? toJson(value) : undefined;
}

function toJson(value: AttributeValue): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) {
    const items: readonly (Json | undefined)[] = value.map(toJson);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (!(value instanceof Map)) return undefined;
  const members = [...value].map(([key, item]) =>
    typeof key === 'string' ? ([key, toJson(item)] as const) : undefined,
  );
  const known = members.filter((member) => member?.[1] !== undefined);
  if (known.length < members.length) return undefined;
  return Object.fromEntries(known as readonly (readonly [string, Json])[]);
}

function criticalText(attributes: readonly ExtendedAttribute[], key: string): string | undefined {
  const attribute = attributes.find((candidate) => candidate.key === key);
  if (attribute === undefined) return undefined;
  if (!attribute.critical) throw malformed(key, 'is not critical');
  if (typeof attribute.value !== 'string') throw malformed(key, 'is not text');
  if (attribute.value.trim() === '') throw malformed(key, 'is empty');
  return attribute.value;
}

function unsupported({ key }: ExtendedAttribute, problem: string): NotaryError {
  return new NotaryError(
    'NOTARY_ATTRIBUTE_UNSUPPORTED',
    `the critical attribute ${typeof key === 'string' ? quoted(key) : key} ${problem}`,
    { data: { attribute: key }, hint: 'have the artifact signed again without that attribute' },
  );
}

function malformed(attribute: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_ATTRIBUTE_INVALID', `the attribute ${attribute} ${problem}`, {
    data: { attribute },
    hint: 'have the artifact signed again, by a tool that follows the signature specification',
  });
}
