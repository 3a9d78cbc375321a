import { needsBlobPath, needsBlobPolicyFile, needsFirst, none } from './args.ts';
import {
  LOGGING,
  OUTPUT,
  OUTPUT_REPORT,
  OUTPUT_TREE,
  PLUGIN_CONFIG,
  pluginTimeout,
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
import type { CommandSpec, FlagSpec } from './types.ts';

const OVERRIDE: FlagSpec = {
  name: 'force',
  type: 'bool',
  usage: 'override the existing blob trust policy configuration without prompt',
};

const BLOB_SIGN: CommandSpec = {
  name: 'sign',
  use: 'sign [flags] <blob_path>',
  short: 'Produce a detached signature for a given blob',
  long: 'Sign a file of any size. The signature is written to the current directory as {blob file name}.{signature format}.sig. The path "-" is standard input; its signature is named after "stdin".\n\nA signing key must be named with --key, or a default key be set in the key list.',
  examples: [
    { title: 'Sign a blob with the default key', command: 'blob sign <blob_path>' },
    {
      title: 'Put the signature into a directory',
      command: 'blob sign --signature-directory <directory_path> <blob_path>',
    },
    {
      title: 'Replace a signature without a question',
      command: 'blob sign --force <blob_path>',
    },
    {
      title: 'Sign with a COSE envelope',
      command: 'blob sign --signature-format cose <blob_path>',
    },
    {
      title: 'Sign with a key that a plugin holds',
      command: 'blob sign --plugin <plugin_name> --id <key_id> <blob_path>',
    },
    { title: 'Sign with a named key', command: 'blob sign --key <key_name> <blob_path>' },
    {
      title: 'Have the signature timestamped',
      command:
        'blob sign --timestamp-url <tsa_url> --timestamp-root-cert <tsa_root_certificate_path> <blob_path>',
    },
    {
      title: 'Sign with the media type of the blob and metadata of your own',
      command: 'blob sign --media-type <media_type> --user-metadata <key>=<value> <blob_path>',
    },
    {
      title: 'Let the signature expire after a day',
      command: 'blob sign --expiry 24h <blob_path>',
    },
    {
      title: 'Sign what another program writes',
      command: 'blob sign --signature-directory <directory_path> -',
    },
  ],
  flags: [
    ...LOGGING,
    ...SIGNING_KEY,
    ...SIGNING_KEY_FILES,
    ...TIMESTAMPING,
    EXPIRY,
    PLUGIN_CONFIG,
    pluginTimeout('1m0s'),
    userMetadata('{key}={value} pairs that are added to the signature payload'),
    {
      name: 'media-type',
      type: 'string',
      default: 'application/octet-stream',
      usage: 'media type of the blob',
    },
    {
      name: 'signature-directory',
      type: 'string',
      default: '.',
      usage: 'directory where the blob signature needs to be placed',
    },
    {
      name: 'force',
      type: 'bool',
      usage: 'override the existing signature file, never prompt',
    },
    OUTPUT,
  ],
  together: [...SIGNING_KEY_TOGETHER, ['timestamp-url', 'timestamp-root-cert']],
  exclusive: SIGNING_KEY_EXCLUSIVE,
  args: needsBlobPath('sign', 'file path to the blob artifact'),
  load: () => import('../commands/blob-sign.ts'),
};

const BLOB_VERIFY: CommandSpec = {
  name: 'verify',
  use: 'verify [flags] --signature <signature_path> <blob_path>',
  short: 'Verify a signature associated with a blob',
  long: 'Verify the detached signature of a file against the blob trust policy and the trust store. The path "-" is standard input. The format of the signature is taken from its file name.\n\nAdd a certificate to the trust store and create a blob trust policy first.',
  examples: [
    {
      title: 'Verify a blob by the global statement of the trust policy',
      command: 'blob verify --signature <signature_path> <blob_path>',
    },
    {
      title: 'Verify a blob by a statement',
      command: 'blob verify --policy-name <policy_name> --signature <signature_path> <blob_path>',
    },
    {
      title: 'Demand a media type and metadata',
      command:
        'blob verify --media-type <media_type> --user-metadata <key>=<value> --signature <signature_path> <blob_path>',
    },
  ],
  flags: [
    ...LOGGING,
    {
      name: 'signature',
      shorthand: 's',
      type: 'string',
      usage: 'filepath of the signature to be verified',
    },
    VERIFICATION_PLUGIN_CONFIG,
    pluginTimeout('15s'),
    { name: 'media-type', type: 'string', usage: 'media type of the blob to verify' },
    {
      name: 'policy-name',
      type: 'string',
      usage: 'policy name to verify against. If not provided, the global policy is used if exists',
    },
    userMetadata(
      'user defined {key}={value} pairs that must be present in the signature for successful verification if provided',
    ),
    OUTPUT_REPORT,
  ],
  args: needsBlobPath('verify', 'path to the blob artifact'),
  load: () => import('../commands/blob-verify.ts'),
};

const BLOB_INSPECT: CommandSpec = {
  name: 'inspect',
  use: 'inspect [flags] <signature_path>',
  short: 'Inspect a signature associated with a blob',
  long: 'Show what the signature of a blob says. Nothing is verified: use blob verify for that.',
  examples: [
    { title: 'Inspect a signature', command: 'blob inspect blob.cose.sig' },
    { title: 'The same as JSON', command: 'blob inspect -o json blob.cose.sig' },
  ],
  flags: [{ ...OUTPUT_TREE, otherwise: 'unrecognized output format' }],
  args: (args, facts) =>
    needsFirst(
      `missing signature path: use \`${facts.program} blob inspect --help\` to see what parameters are required`,
    )(args, facts),
  load: () => import('../commands/blob-inspect.ts'),
};

const BLOB_POLICY: CommandSpec = {
  name: 'policy',
  use: 'policy [command]',
  short: 'Manage blob trust policy configuration for arbitrary blob signature verification',
  children: [
    {
      name: 'show',
      use: 'show [flags]',
      short: 'Show blob trust policy configuration',
      examples: [
        { title: 'Show the policy', command: 'blob policy show' },
        { title: 'Keep a copy to edit', command: 'blob policy show > my_policy.json' },
      ],
      args: none,
      load: () => import('../commands/blob-policy-show.ts'),
    },
    {
      name: 'import',
      use: 'import [flags] <file_path>',
      short: 'Import blob trust policy configuration from a JSON file',
      examples: [{ title: 'Import a policy', command: 'blob policy import my_policy.json' }],
      flags: [OVERRIDE, OUTPUT],
      args: needsBlobPolicyFile,
      load: () => import('../commands/blob-policy-import.ts'),
    },
    {
      name: 'init',
      use: 'init [flags] --name <policy_name> --trust-store "<store_type>:<store_name>" --trusted-identity "<trusted_identity>"',
      short: 'Initialize blob trust policy configuration',
      long: 'Write a blob trust policy whose only statement requires the "strict" level.',
      examples: [
        {
          title: 'Trust one signer',
          command:
            'blob policy init --name release --trust-store ca:acme-rockets --trusted-identity "x509.subject: C=US, ST=WA, O=acme-rockets.io"',
        },
      ],
      flags: [
        { name: 'name', shorthand: 'n', type: 'string', usage: 'name of the blob trust policy' },
        {
          name: 'trust-store',
          type: 'stringArray',
          usage: 'trust store in the format "<store_type>:<store_name>"',
        },
        {
          name: 'trusted-identity',
          type: 'stringArray',
          usage:
            'trusted identity, use the format "x509.subject:<subject_of_signing_certificate>" for x509 CA scheme and "<signing_authority_identity>" for x509 signingAuthority scheme',
        },
        { name: 'global', type: 'bool', usage: 'set the policy as the global policy' },
        OVERRIDE,
        OUTPUT,
      ],
      required: [{ flag: 'name' }, { flag: 'trust-store' }, { flag: 'trusted-identity' }],
      args: none,
      load: () => import('../commands/blob-policy-init.ts'),
    },
  ],
};

/** `blob` */
export const BLOB: CommandSpec = {
  name: 'blob',
  use: 'blob [command]',
  short: 'Sign, verify and inspect blobs, and configure blob trust policy',
  long: 'Sign, inspect and verify files, and configure the trust policy for them.',
  children: [BLOB_SIGN, BLOB_VERIFY, BLOB_INSPECT, BLOB_POLICY],
};
