import { needsReference } from './args.ts';
import {
  ALLOW_REFERRERS_API,
  LOGGING,
  MAX_SIGNATURES,
  OUTPUT,
  OUTPUT_REPORT,
  OUTPUT_TREE,
  ociLayout,
  PLUGIN_CONFIG,
  platform,
  pluginTimeout,
  REGISTRY_ACCESS,
  recursive,
  TRUST_GIVEN,
  TRUST_GIVEN_EXCLUSIVE,
  USER_METADATA_REQUIRED,
  userMetadata,
  VERIFICATION_PLUGIN_CONFIG,
} from './flags.ts';
import {
  EXPIRY,
  SIGNING_KEY,
  SIGNING_KEY_EXCLUSIVE,
  SIGNING_KEY_FILES,
  SIGNING_KEY_TOGETHER,
  TIMESTAMPING,
} from './signing-flags.ts';
import type { CommandSpec } from './types.ts';

const REFERENCE = '<registry>/<repository>@<digest>';

/** `sign` */
export const SIGN: CommandSpec = {
  name: 'sign',
  use: 'sign [flags] <reference>',
  short: 'Sign artifacts',
  long: 'Sign an artifact and store the signature beside it.\n\nA signing key must be named with --key, or a default key be set in the key list.',
  examples: [
    { title: 'Sign an artifact with the default key', command: `sign ${REFERENCE}` },
    {
      title: 'Sign with a COSE envelope',
      command: `sign --signature-format cose ${REFERENCE}`,
    },
    {
      title: 'Sign with a key that a plugin holds',
      command: `sign --plugin <plugin_name> --id <key_id> ${REFERENCE}`,
    },
    { title: 'Sign with a named key', command: `sign --key <key_name> ${REFERENCE}` },
    {
      title: 'Sign what a tag names now (the tag is resolved to a digest)',
      command: 'sign <registry>/<repository>:<tag>',
    },
    {
      title: 'Sign with a key and a certificate chain in files',
      command: `sign --key-file <key.pem> --cert-file <chain.pem> ${REFERENCE}`,
      only: 'nv2',
    },
    { title: 'Let the signature expire after a day', command: `sign --expiry 24h ${REFERENCE}` },
    {
      title: 'Have the signature timestamped',
      command: `sign --timestamp-url <tsa_url> --timestamp-root-cert <tsa_root_certificate_path> ${REFERENCE}`,
    },
    {
      title: 'Keep the referrers tag schema, whether or not the registry has the Referrers API',
      command: `sign --force-referrers-tag ${REFERENCE}`,
    },
    {
      title: 'Sign an artifact in an OCI image layout',
      command: 'sign --oci-layout <oci_layout_path>@<digest>',
      experimental: true,
    },
    {
      title: 'Sign what a tag of an OCI image layout names now',
      command: 'sign --oci-layout <oci_layout_path>:<tag>',
      experimental: true,
    },
  ],
  flags: [
    ...LOGGING,
    ...SIGNING_KEY,
    ...SIGNING_KEY_FILES,
    ...REGISTRY_ACCESS,
    ...TIMESTAMPING,
    EXPIRY,
    PLUGIN_CONFIG,
    pluginTimeout('1m0s'),
    userMetadata('{key}={value} pairs that are added to the signature payload'),
    {
      name: 'force-referrers-tag',
      type: 'bool',
      usage: 'force to store signatures using the referrers tag schema',
    },
    platform('sign'),
    recursive('sign'),
    ociLayout('sign'),
    ALLOW_REFERRERS_API,
    OUTPUT,
  ],
  together: [...SIGNING_KEY_TOGETHER, ['timestamp-url', 'timestamp-root-cert']],
  exclusive: [
    ...SIGNING_KEY_EXCLUSIVE,
    ['oci-layout', 'force-referrers-tag'],
    ['platform', 'recursive'],
  ],
  args: needsReference('sign'),
  load: () => import('../commands/sign.ts'),
};

/** `verify` */
export const VERIFY: CommandSpec = {
  name: 'verify',
  use: 'verify [reference]',
  short: 'Verify OCI artifacts',
  long: 'Verify the signatures of an artifact against the trust policy and the trust store.\n\nAdd a certificate to the trust store and create a trust policy first.',
  examples: [
    { title: 'Verify an artifact', command: `verify ${REFERENCE}` },
    {
      title: 'Verify what a tag names now (the tag is resolved to a digest)',
      command: 'verify <registry>/<repository>:<tag>',
    },
    {
      title: 'Verify by a certificate alone, without a trust policy',
      command: `verify --trust <certificate_file> ${REFERENCE}`,
      only: 'nv2',
    },
    {
      title: 'Verify an index and every image in it',
      command: `verify --recursive ${REFERENCE}`,
      only: 'nv2',
    },
    {
      title: 'Verify an artifact in an OCI image layout',
      command: 'verify --oci-layout <oci_layout_path>@<digest> --scope <trust_policy_scope>',
      experimental: true,
    },
    {
      title: 'Verify an OCI image layout by a certificate alone',
      command: 'verify --oci-layout <oci_layout_path>:<tag> --trust <certificate_file>',
      only: 'nv2',
    },
    {
      title: 'Verify what a tag of an OCI image layout names now',
      command: 'verify --oci-layout <oci_layout_path>:<tag> --scope <trust_policy_scope>',
      experimental: true,
    },
  ],
  flags: [
    ...LOGGING,
    ...REGISTRY_ACCESS,
    VERIFICATION_PLUGIN_CONFIG,
    pluginTimeout('15s'),
    USER_METADATA_REQUIRED,
    MAX_SIGNATURES,
    ...TRUST_GIVEN,
    platform('verify'),
    recursive('verify'),
    ociLayout('verify'),
    {
      name: 'scope',
      type: 'string',
      usage:
        '[Experimental] set trust policy scope for artifact verification, required and can only be used when flag "--oci-layout" is set',
      experimental: true,
    },
    {
      name: 'audit',
      type: 'bool',
      only: 'nv2',
      usage: 'report the verdict and succeed whatever it is, to try a policy out',
    },
    ALLOW_REFERRERS_API,
    OUTPUT_REPORT,
  ],
  together: [['oci-layout', 'scope']],
  // nothing has scopes where the command line alone says whom to trust
  dispensable: { scope: ['trust', 'pin'] },
  exclusive: [...TRUST_GIVEN_EXCLUSIVE, ['platform', 'recursive']],
  args: needsReference('verify', { several: '; "nv2 scan" verifies several artifacts' }),
  load: () => import('../commands/verify.ts'),
};

/** `explain` */
export const EXPLAIN: CommandSpec = {
  name: 'explain',
  use: 'explain [flags] <reference>',
  short:
    'Explain what the trust policy asks of an artifact, and why its signatures count or do not',
  long: 'Say which statement of the trust policy decides about an artifact and why, and what it asks for. With --signatures, look at every signature too. The command succeeds whatever the verdict is: use verify to act on it.',
  only: 'nv2',
  examples: [
    { title: 'What is asked of an artifact', command: `explain ${REFERENCE}` },
    {
      title: 'Why each signature counts or does not',
      command: `explain --signatures ${REFERENCE}`,
    },
  ],
  flags: [
    ...LOGGING,
    ...REGISTRY_ACCESS,
    { name: 'signatures', type: 'bool', usage: 'judge every signature of the artifact' },
    VERIFICATION_PLUGIN_CONFIG,
    pluginTimeout('15s'),
    MAX_SIGNATURES,
    ...TRUST_GIVEN,
    OUTPUT,
  ],
  exclusive: TRUST_GIVEN_EXCLUSIVE,
  args: needsReference('explain'),
  load: () => import('../commands/explain.ts'),
};

/** `list` */
export const LIST: CommandSpec = {
  name: 'list',
  aliases: ['ls'],
  use: 'list [flags] <reference>',
  short: 'List signatures of the signed artifact',
  long: 'List all the signatures associated with a signed artifact.',
  examples: [
    { title: 'List the signatures of an artifact', command: `list ${REFERENCE}` },
    {
      title: 'List those of what a tag names now',
      command: 'list <registry>/<repository>:<tag>',
    },
    {
      title: 'List the signatures of an artifact in an OCI image layout',
      command: 'list --oci-layout <oci_layout_path>@<digest>',
      experimental: true,
    },
  ],
  flags: [
    ...LOGGING,
    ...REGISTRY_ACCESS,
    MAX_SIGNATURES,
    ociLayout('list signatures of'),
    ALLOW_REFERRERS_API,
    OUTPUT,
  ],
  args: needsReference('list'),
  load: () => import('../commands/list.ts'),
};

/** `inspect` */
export const INSPECT: CommandSpec = {
  name: 'inspect',
  use: 'inspect [reference]',
  short: 'Inspect all signatures associated with the signed artifact',
  long: 'Show what the signatures of an artifact say. Nothing is verified: use verify for that.',
  examples: [
    { title: 'Inspect the signatures of an artifact', command: `inspect ${REFERENCE}` },
    {
      title: 'Inspect those of what a tag names now',
      command: 'inspect <registry>/<repository>:<tag>',
    },
    { title: 'The same as JSON', command: `inspect --output json ${REFERENCE}` },
  ],
  flags: [
    ...LOGGING,
    ...REGISTRY_ACCESS,
    MAX_SIGNATURES,
    { ...ociLayout('inspect signatures of'), only: 'nv2' },
    ALLOW_REFERRERS_API,
    { ...OUTPUT_TREE, older: ['text'] },
  ],
  args: needsReference('inspect'),
  load: () => import('../commands/inspect.ts'),
};
