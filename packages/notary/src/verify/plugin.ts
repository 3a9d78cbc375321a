import { quoted } from '@nv2/core';
import type { EnvelopeContent } from '@nv2/envelope';
import { NotaryError } from '../errors.ts';
import {
  CAPABILITY,
  CONTRACT_VERSION,
  CORRECT_IT,
  type PluginVerificationResult,
  type VerifySignatureRequest,
  type VerifySignatureResponse,
} from '../plugin/contract.ts';
import { pluginMetadata } from '../plugin/metadata.ts';
import type { Plugin } from '../plugin/plugin.ts';
import { compareSemver, isSemver } from '../plugin/semver.ts';
import { trustedIdentitiesOf } from '../policy/statement.ts';
import { criticalAttributes, extendedAttributes, type RequestedPlugin } from './attributes.ts';
import type { IntactSignature, JudgeContext } from './context.ts';

/** What a verification plugin can take over. */
export type VerificationCapability =
  | typeof CAPABILITY.trustedIdentity
  | typeof CAPABILITY.revocationCheck;

const CAPABILITIES: readonly VerificationCapability[] = [
  CAPABILITY.trustedIdentity,
  CAPABILITY.revocationCheck,
];

/** How Go writes the time of a signature that does not expire. */
const NEVER = '0001-01-01T00:00:00Z';

/** A plugin that takes part in the verification of one signature. */
export interface VerificationPlugin {
  readonly name: string;
  /** At least one, in the plugin's order. */
  readonly capabilities: readonly VerificationCapability[];
  /**
   * Asks for these checks, and for the critical attributes that are not known here. After return
   * there is a result for each check, and every such attribute was processed.
   *
   * @throws NotaryError `NOTARY_PLUGIN_RESULTS_MISMATCH`, `NOTARY_ATTRIBUTE_UNPROCESSED`,
   *   `NOTARY_ATTRIBUTE_UNSUPPORTED`; those of {@link Plugin.call}
   */
  verify(
    checks: readonly VerificationCapability[],
  ): Promise<ReadonlyMap<string, PluginVerificationResult>>;
}

/**
 * The plugin that a signature asks for, once it is known to be fit for that.
 *
 * @throws NotaryError `NOTARY_PLUGIN_UNSUPPORTED`, `NOTARY_PLUGIN_VERSION_INVALID`,
 *   `NOTARY_PLUGIN_TOO_OLD`, `NOTARY_PLUGIN_CAPABILITY_MISSING`; those of the finder, of
 *   `pluginMetadata` and of {@link Plugin.call}
 * @see specifications plugin-extensibility.md "Verification workflow using plugin", step 1
 */
export async function openVerificationPlugin(
  requested: RequestedPlugin,
  signature: IntactSignature,
  context: JudgeContext,
): Promise<VerificationPlugin> {
  const { name } = requested;
  if (context.plugins === undefined) {
    throw new NotaryError(
      'NOTARY_PLUGIN_UNSUPPORTED',
      `the signature asks for the verification plugin ${quoted(name)}, and no plugins are at hand`,
      { data: { plugin: name }, hint: 'verify it where the plugin is installed' },
    );
  }
  const plugin = await context.plugins.find(name);
  // 1.1
  const metadata = await pluginMetadata(plugin, context.pluginConfig, callOf(context));
  // 1.2
  assertVersion(metadata.version, requested);
  // 1.3
  const capabilities = CAPABILITIES.filter((one) => metadata.capabilities.includes(one)).sort(
    (a, b) => metadata.capabilities.indexOf(a) - metadata.capabilities.indexOf(b),
  );
  if (capabilities.length === 0) {
    throw new NotaryError(
      'NOTARY_PLUGIN_CAPABILITY_MISSING',
      `the signature asks for the verification plugin ${name}, which cannot verify anything`,
      {
        data: { plugin: name, purpose: 'verification' },
        hint: 'install a version of the plugin that verifies, or have the artifact signed again',
      },
    );
  }
  return {
    name,
    capabilities,
    verify: (checks) => ask(plugin, checks, { content: signature.envelope.content, context }),
  };
}

function assertVersion(version: string, { name, minVersion }: RequestedPlugin): void {
  const data = { plugin: name, version, minVersion };
  if (!isSemver(version)) {
    throw new NotaryError(
      'NOTARY_PLUGIN_VERSION_INVALID',
      `the version ${quoted(version)} of the plugin ${name} is no semantic version`,
      { data, hint: CORRECT_IT },
    );
  }
  if (minVersion === undefined) return;
  const order = compareSemver(version, minVersion);
  if (order !== undefined && order >= 0) return;
  throw new NotaryError(
    'NOTARY_PLUGIN_TOO_OLD',
    `the plugin ${name} has version ${version}, and the signature needs ${minVersion}`,
    { data, hint: `install version ${minVersion} of the plugin, or a later one` },
  );
}

async function ask(
  plugin: Plugin,
  checks: readonly VerificationCapability[],
  about: { readonly content: EnvelopeContent; readonly context: JudgeContext },
): Promise<ReadonlyMap<string, PluginVerificationResult>> {
  const { content, context } = about;
  const unprocessed = criticalAttributes(content);
  if (checks.length === 0) {
    assertProcessed(unprocessed, [], plugin);
    return new Map();
  }
  const request = verifyRequest(checks, { content, context, unprocessed });
  const response = await plugin.call('verify-signature', request, callOf(context));
  // 6.3 before 6.1, as in the reference
  assertProcessed(unprocessed, response.processedAttributes, plugin);
  assertResults(checks, response, plugin);
  return response.verificationResults;
}

// 5. Populate `verify-signature` request
function verifyRequest(
  checks: readonly VerificationCapability[],
  about: {
    readonly content: EnvelopeContent;
    readonly context: JudgeContext;
    readonly unprocessed: readonly string[];
  },
): VerifySignatureRequest {
  const { content, context, unprocessed } = about;
  const isAuthority = content.scheme === 'notary.x509.signingAuthority';
  return {
    contractVersion: CONTRACT_VERSION,
    signature: {
      criticalAttributes: {
        contentType: content.payloadType,
        signingScheme: content.scheme,
        expiry: content.expiryText ?? NEVER,
        authenticSigningTime: isAuthority ? content.signingTimeText : undefined,
        extendedAttributes: extendedAttributes(content),
      },
      unprocessedAttributes: unprocessed,
      certificateChain: content.certificateChain.map(({ der }) => der),
    },
    trustPolicy: {
      trustedIdentities: trustedIdentitiesOf(context.statement).map(({ text }) => text),
      signatureVerification: checks,
    },
    pluginConfig: context.pluginConfig,
  };
}

function assertProcessed(
  unprocessed: readonly string[],
  processed: readonly unknown[],
  { name }: Plugin,
): void {
  const left = unprocessed.find((attribute) => !processed.includes(attribute));
  if (left === undefined) return;
  throw new NotaryError(
    'NOTARY_ATTRIBUTE_UNPROCESSED',
    `the plugin ${name} did not process the critical attribute ${quoted(left)}`,
    {
      data: { plugin: name, attribute: left },
      hint: 'install a version of the plugin that knows the attribute, or have the artifact signed again without it',
    },
  );
}

function assertResults(
  checks: readonly VerificationCapability[],
  { verificationResults }: VerifySignatureResponse,
  { name }: Plugin,
): void {
  const missing = checks.find((check) => !verificationResults.has(check));
  if (missing !== undefined) {
    throw new NotaryError(
      'NOTARY_PLUGIN_RESULTS_MISMATCH',
      `the plugin ${name} has no result for ${missing}`,
      { data: { plugin: name, capability: missing, rule: 'missing' }, hint: CORRECT_IT },
    );
  }
  const asked: readonly string[] = checks;
  const extra = [...verificationResults.keys()].find((key) => !asked.includes(key));
  if (extra === undefined) return;
  throw new NotaryError(
    'NOTARY_PLUGIN_RESULTS_MISMATCH',
    `the plugin ${name} has a result for ${quoted(extra)}, which it was not asked for`,
    { data: { plugin: name, capability: extra, rule: 'not-asked' }, hint: CORRECT_IT },
  );
}

/** The error for a check that a plugin says has failed. */
export function refusedByPlugin(
  { name }: VerificationPlugin,
  capability: VerificationCapability,
  { reason = '' }: Partial<PluginVerificationResult>,
): NotaryError {
  const what = capability === CAPABILITY.trustedIdentity ? 'the identity' : 'the revocation state';
  return new NotaryError(
    'NOTARY_PLUGIN_REFUSED',
    `the plugin ${name} refuses ${what} of the signer: ${reason === '' ? 'it says no reason' : reason}`,
    {
      data: { plugin: name, capability, reason },
      hint: 'find out why the plugin refuses it, or have the artifact signed by another signer',
    },
  );
}

function callOf({ signal }: JudgeContext): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
