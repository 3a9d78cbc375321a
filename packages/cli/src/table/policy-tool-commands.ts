import { needsOne, none } from './args.ts';
import { OUTPUT } from './flags.ts';
import type { CommandSpec } from './types.ts';

const DIGEST = needsOne('expected one digest, as in sha256:{64 hexadecimal digits}');

/** The commands under `policy` for the denial list. */
export const DENIAL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'deny',
    use: 'deny --reason <text> [flags] <digest>',
    short: 'Refuse an artifact or a signature by its digest, whatever is signed',
    long: 'Put the digest of an artifact, a signature, a signature envelope or a blob on the denial list of the configuration. Every verification under the name nv2 reads that list first, also with --trust. A signature is told by the digest of its manifest or of its envelope; a signer with a stolen key can make new ones, so take the certificate out of the trust store as well.',
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
