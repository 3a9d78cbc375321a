import {
  exactly,
  listsAll,
  needsCertificateFile,
  needsCertificateOrAll,
  needsCommonName,
  needsPolicyFile,
  needsSome,
  none,
} from './args.ts';
import { CERT_CHECK } from './certificate-check-command.ts';
import { LOGGING, OUTPUT, TRUST_STORE, YES } from './flags.ts';
import { DENIAL_COMMANDS, WRITING_COMMANDS } from './policy-tool-commands.ts';
import type { CommandSpec, FlagSpec } from './types.ts';

const STORE_REQUIRED = [{ flag: 'type' }, { flag: 'store' }] as const;
const FORCE: FlagSpec = {
  name: 'force',
  type: 'bool',
  usage: 'override the existing OCI trust policy configuration without prompt',
};

/** `cert` */
export const CERT: CommandSpec = {
  name: 'certificate',
  aliases: ['cert'],
  use: 'certificate',
  short: 'Manage certificates in trust store',
  long: 'Manage the certificates in the trust store: the roots that trust policies name.',
  children: [
    {
      name: 'add',
      use: 'add --type <type> --store <name> [flags] <cert_path>...',
      short: 'Add certificates to the trust store.',
      examples: [
        {
          title: 'Add a certificate to the "ca" store "acme-rockets"',
          command: 'cert add --type ca --store acme-rockets acme-rockets.crt',
        },
        {
          title: 'Add one to the "signingAuthority" store "wabbit-networks"',
          command: 'cert add --type signingAuthority --store wabbit-networks wabbit-networks.pem',
        },
        {
          title: 'Trust a timestamp authority, under the name "timestamp"',
          command: 'cert add --type tsa --store timestamp tsa-root.crt',
        },
      ],
      flags: [...TRUST_STORE, OUTPUT],
      required: STORE_REQUIRED,
      args: needsSome('missing certificate path'),
      load: () => import('../commands/cert-add.ts'),
    },
    {
      name: 'list',
      aliases: ['ls'],
      use: 'list [flags]',
      short: 'List certificates in the trust store.',
      examples: [
        { title: 'List every certificate file', command: 'cert ls' },
        { title: 'List the stores of one name', command: 'cert ls --store acme-rockets' },
        { title: 'List the stores of one type', command: 'cert ls --type ca' },
        { title: 'List one store', command: 'cert ls --type ca --store acme-rockets' },
      ],
      flags: [...LOGGING, ...TRUST_STORE, OUTPUT],
      args: listsAll,
      load: () => import('../commands/cert-list.ts'),
    },
    {
      name: 'show',
      use: 'show --type <type> --store <name> [flags] <cert_fileName>',
      short:
        'Show certificate details given trust store type, named store, and certificate file name.',
      examples: [
        {
          title: 'Show a certificate of the "ca" store "acme-rockets"',
          command: 'cert show --type ca --store acme-rockets cert1.pem',
        },
        {
          title: 'Show a certificate of a "signingAuthority" store',
          command: 'cert show --type signingAuthority --store wabbit-networks cert2.pem',
        },
      ],
      flags: [...LOGGING, ...TRUST_STORE, OUTPUT],
      required: STORE_REQUIRED,
      args: needsCertificateFile,
      load: () => import('../commands/cert-show.ts'),
    },
    {
      name: 'delete',
      use: 'delete --type <type> --store <name> [flags] (--all | <cert_fileName>)',
      short: 'Delete certificates from the trust store.',
      examples: [
        {
          title: 'Delete one certificate',
          command: 'cert delete --type ca --store acme-rockets cert1.pem',
        },
        {
          title: 'Delete one certificate without a question',
          command: 'cert delete --type signingAuthority --store wabbit-networks -y cert2.pem',
        },
        {
          title: 'Delete a whole store',
          command: 'cert delete --type ca --store acme-rockets --all',
        },
        {
          title: 'Delete a whole store without a question',
          command: 'cert delete --type ca --store acme-rockets -y --all',
        },
      ],
      flags: [
        ...TRUST_STORE,
        {
          name: 'all',
          shorthand: 'a',
          type: 'bool',
          usage: 'delete all certificates in the named store',
        },
        YES,
        OUTPUT,
      ],
      required: STORE_REQUIRED,
      args: needsCertificateOrAll,
      load: () => import('../commands/cert-delete.ts'),
    },
    {
      name: 'generate-test',
      use: 'generate-test [flags] <common_name>',
      short: 'Generate a test RSA key and a corresponding self-signed certificate.',
      long: 'Generate a test RSA key and a self-signed certificate that is valid for one day, add the key to the key list and the certificate to the trust store. For testing only.',
      examples: [
        {
          title: 'Generate a test key',
          command: 'cert generate-test wabbit-networks.io',
        },
        {
          title: 'Generate a test key and make it the default',
          command: 'cert generate-test --default wabbit-networks.io',
        },
      ],
      flags: [
        { name: 'bits', shorthand: 'b', type: 'int', default: 2048, usage: 'RSA key bits' },
        { name: 'default', type: 'bool', usage: 'mark as default signing key' },
        OUTPUT,
      ],
      args: needsCommonName,
      load: () => import('../commands/cert-generate-test.ts'),
    },
    {
      name: 'cleanup-test',
      use: 'cleanup-test [flags] <common_name>',
      short:
        'Clean up a test RSA key and its corresponding certificate that were generated using the "generate-test" command.',
      examples: [
        {
          title: 'Remove a test key and its certificate',
          command: 'cert cleanup-test wabbit-networks.io',
        },
        {
          title: 'The same without a question',
          command: 'cert cleanup-test --yes wabbit-networks.io',
        },
      ],
      flags: [YES, OUTPUT],
      args: needsCommonName,
      load: () => import('../commands/cert-cleanup-test.ts'),
    },
    CERT_CHECK,
  ],
};

/** `policy` */
export const POLICY: CommandSpec = {
  name: 'policy',
  use: 'policy [command]',
  short: 'Manage trust policy configuration for OCI artifact verification',
  children: [
    {
      name: 'show',
      use: 'show [flags]',
      short: 'Show OCI trust policy configuration',
      examples: [
        { title: 'Show the policy', command: 'policy show' },
        { title: 'Keep a copy to edit', command: 'policy show > my_policy.json' },
      ],
      args: exactly(0),
      load: () => import('../commands/policy-show.ts'),
    },
    {
      name: 'import',
      use: 'import [flags] <file_path>',
      short: 'Import OCI trust policy configuration from a JSON file',
      examples: [{ title: 'Import a policy', command: 'policy import my_policy.json' }],
      flags: [FORCE, OUTPUT],
      args: needsPolicyFile,
      load: () => import('../commands/policy-import.ts'),
    },
    {
      name: 'init',
      use: 'init [flags]',
      short: 'Initialize an OCI trust policy configuration with one statement',
      long: 'Write a trust policy whose only statement requires the "strict" level for every artifact.',
      examples: [
        {
          title: 'Trust one signer',
          command:
            'policy init --name release --trust-store ca:acme-rockets --trusted-identity "x509.subject: C=US, ST=WA, O=acme-rockets.io"',
        },
      ],
      flags: [
        { name: 'name', shorthand: 'n', type: 'string', usage: 'name of the statement' },
        {
          name: 'trust-store',
          type: 'stringArray',
          usage: 'trust store in format "<store_type>:<store_name>"',
        },
        {
          name: 'trusted-identity',
          type: 'stringArray',
          usage: 'trusted identity, use the format "x509.subject:<subject_of_signing_certificate>"',
        },
        {
          name: 'scope',
          type: 'stringArray',
          usage: 'repository the statement is for, as <registry>/<repository> (default every one)',
        },
        FORCE,
        OUTPUT,
      ],
      required: [{ flag: 'name' }, { flag: 'trust-store' }, { flag: 'trusted-identity' }],
      args: none,
      only: 'nv2',
      load: () => import('../commands/policy-init.ts'),
    },
    ...DENIAL_COMMANDS,
    ...WRITING_COMMANDS,
  ],
};
