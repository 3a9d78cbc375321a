import { needsOne, none } from './args.ts';
import {
  CONCURRENCY,
  LOGGING,
  MAX_SIGNATURES,
  OUTPUT,
  OUTPUT_RECORDS,
  pluginTimeout,
  REFERENCE_SOURCES,
  REGISTRY_ACCESS,
  USER_METADATA_REQUIRED,
  VERIFICATION_PLUGIN_CONFIG,
} from './flags.ts';
import type { ArgsCheck, CommandSpec, FlagSpec } from './types.ts';

const DIGEST = needsOne('expected one digest, as in sha256:{64 hexadecimal digits}');

/** The commands under `policy` for the denial list. */
export const DENIAL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'deny',
    use: 'deny --reason <text> [flags] <digest>',
    short: 'Refuse an artifact or a signature by its digest, whatever is signed',
    long: 'Put the digest of an artifact, a signature, a signature envelope or a blob on the denial list of the configuration. Every verification under the name nv2 reads that list first, also with --trust. An index on it denies also what is chosen from it with --platform, or found in it with --recursive; not a manifest of it that is named by its own digest: deny that digest too. A signature is told by the digest of its manifest or of its envelope; a signer with a stolen key can make new ones, so take the certificate out of the trust store as well.',
    examples: [
      {
        title: 'Refuse one image that was signed by mistake',
        command: `policy deny --reason "built by a stolen account" sha256:${'0'.repeat(64)}`,
      },
    ],
    flags: [{ name: 'reason', type: 'string', usage: 'why, shown to whoever is refused' }, OUTPUT],
    required: [{ flag: 'reason' }],
    args: DIGEST,
    only: 'nv2',
    load: () => import('../commands/policy-deny.ts'),
  },
  {
    name: 'undeny',
    use: 'undeny [flags] <digest>',
    short: 'Take a digest out of the denial list',
    examples: [
      {
        title: 'Let the signatures decide again',
        command: `policy undeny sha256:${'0'.repeat(64)}`,
      },
    ],
    flags: [OUTPUT],
    args: DIGEST,
    only: 'nv2',
    load: () => import('../commands/policy-undeny.ts'),
  },
  {
    name: 'denials',
    use: 'denials [flags]',
    short: 'List what the denial list refuses, and why',
    examples: [{ title: 'List the denied digests', command: 'policy denials' }],
    flags: [OUTPUT],
    args: none,
    only: 'nv2',
    load: () => import('../commands/policy-denials.ts'),
  },
];

const AT_MOST_ONE: ArgsCheck = (args) =>
  args.length <= 1 ? undefined : `expected one policy file at most, got ${args.length}`;

const TRUST_DIR: FlagSpec = {
  name: 'trust-dir',
  type: 'string',
  usage: 'directory of trust stores to use, with ca/, signingAuthority/ and tsa/ in it',
};

/** The commands under `policy` for whoever writes one. */
export const WRITING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'lint',
    use: 'lint [flags] [file_path]',
    short: 'Find what is valid in a trust policy and cannot be meant',
    long: 'Find scopes and signers that nothing can meet, trust stores that are missing or have expired, mirrors that come under another statement, statements that let everything through, words about revocation that are of no effect, fields that are ignored and nearly have the name of another or belong elsewhere, and directories of its answers that cannot be read; in a file of either format, or in the configured policy. A file is taken for a policy about blobs if it is called trustpolicy.blob.json, or has a statement that is global and is not called trustpolicy.oci.json or trustpolicy.json. Errors exit with 1, warnings only with --strict.',
    examples: [
      { title: 'Look over the configured policy', command: 'policy lint' },
      { title: 'Look over a file in a pipeline', command: 'policy lint --strict policy.yaml' },
    ],
    flags: [{ name: 'strict', type: 'bool', usage: 'fail for warnings too' }, TRUST_DIR, OUTPUT],
    args: AT_MOST_ONE,
    only: 'nv2',
    load: () => import('../commands/policy-lint.ts'),
  },
  {
    name: 'fmt',
    use: 'fmt [flags] <file_path>',
    short: 'Write a trust policy file in canonical form',
    long: 'Write a trust policy file in canonical form: fields in their order, indented by two. Comments of YAML are kept, JSON stays JSON, and what the policy means never changes.',
    examples: [
      { title: 'Tidy up a policy', command: 'policy fmt policy.yaml' },
      { title: 'Fail where it is not tidy', command: 'policy fmt --check policy.yaml' },
    ],
    flags: [{ name: 'check', type: 'bool', usage: 'write nothing; exit 1 if something would be' }],
    args: needsOne('expected one policy file'),
    only: 'nv2',
    load: () => import('../commands/policy-fmt.ts'),
  },
  {
    name: 'convert',
    use: 'convert [flags] [file_path]',
    short: "Print a trust policy in the other of notation's format and nv2's own",
    long: "Print a trust policy of notation's format in nv2's own, or the other way round. It selects and demands the same; what the other format cannot say is named and refused.",
    examples: [
      {
        title: "Begin to use nv2's own format",
        command: 'policy convert trustpolicy.json > policy.yaml',
      },
    ],
    flags: [
      {
        ...OUTPUT,
        default: 'yaml',
        usage: "how nv2's own format is written, options: 'yaml', 'json'",
        values: ['yaml', 'json'],
      },
    ],
    args: AT_MOST_ONE,
    only: 'nv2',
    load: () => import('../commands/policy-convert.ts'),
  },
  {
    name: 'diff',
    use: 'diff [flags] <old_file_path> <new_file_path> [reference...]',
    short: 'List the references whose verdict another trust policy changes',
    long: 'Verify the artifacts that the arguments and files name by two trust policy files, of either format, and list those whose verdict changes: from what to what, by which statements, and which checks come out otherwise. Where both policies demand the same of a reference, nothing is asked of its registry; otherwise each question is asked once for both. One that fails, or a reference that cannot be read, never keeps the others from being compared.\n\nWithout references, and with --statements, the statements alone are compared, and nothing is verified: for each scope of either policy, or for each reference, which statement decides and whether it demands something else.\n\nThe exit code is 1 if a verdict changes, else 3 if an artifact could be verified by neither policy, else 2 if a reference could not be read, else 0. Where statements alone are compared it is 1 if any decides otherwise.',
    examples: [
      { title: 'See what a new policy says otherwise', command: 'policy diff old.yaml new.yaml' },
      {
        title: 'See what it changes for an image',
        command: 'policy diff old.yaml new.yaml registry.example.com/app:v1',
      },
      {
        title: 'See what it changes for those of a list, one reference a line',
        command: 'policy diff --file <references.txt> old.yaml new.yaml',
      },
    ],
    flags: [
      ...LOGGING,
      ...REGISTRY_ACCESS,
      {
        name: 'statements',
        type: 'bool',
        usage: 'compare the statements that decide, and verify nothing',
      },
      ...REFERENCE_SOURCES,
      CONCURRENCY,
      VERIFICATION_PLUGIN_CONFIG,
      pluginTimeout('15s'),
      USER_METADATA_REQUIRED,
      MAX_SIGNATURES,
      TRUST_DIR,
      OUTPUT_RECORDS,
    ],
    args: (args) =>
      args.length >= 2
        ? undefined
        : 'expected two policy files, and the references to compare them by',
    only: 'nv2',
    load: () => import('../commands/policy-diff.ts'),
  },
  {
    name: 'test',
    use: 'test [flags] <file_path>',
    short: 'Run test cases against a trust policy',
    long: 'Ask a trust policy about given signatures and compare with what is expected. The cases are YAML or JSON: version: nv2/1 and cases, each with name, repository, subject (digest, size, mediaType), signatures (paths from the file, as {name}.jws.sig or {name}.cose.sig), clock, and expect (outcome, and if wanted statement and code). It is the engine of verify, without a registry, revocation services or the denial list; answers about revocation that the policy has in a directory count. Exits with 1 if a case fails.',
    examples: [
      {
        title: 'Test a policy before it is used',
        command: 'policy test --policy policy.yaml cases.yaml',
      },
    ],
    flags: [
      {
        name: 'policy',
        type: 'string',
        usage: 'trust policy file of either format (default the configured one)',
      },
      TRUST_DIR,
      OUTPUT,
    ],
    args: needsOne('expected one file of test cases'),
    only: 'nv2',
    load: () => import('../commands/policy-test.ts'),
  },
];
