import { exactly, needsReference } from './args.ts';
import {
  LOGGING,
  MAX_SIGNATURES,
  OUTPUT,
  ociLayout,
  pluginTimeout,
  REGISTRY_ACCESS,
  TRUST_GIVEN,
  TRUST_GIVEN_EXCLUSIVE,
  userMetadata,
  VERIFICATION_PLUGIN_CONFIG,
} from './flags.ts';
import type { CommandSpec, FlagSpec } from './types.ts';

function sideFlags(side: 'from' | 'to', what: 'source' | 'destination'): readonly FlagSpec[] {
  return [
    {
      name: `${side}-oci-layout`,
      type: 'bool',
      usage: `the ${what} is an OCI image layout${side === 'from' ? ': a directory, an archive, or - for an archive on standard input' : ' in a directory'}`,
    },
    { name: `${side}-username`, type: 'string', usage: `username for the registry of the ${what}` },
    { name: `${side}-password`, type: 'string', usage: `password for the registry of the ${what}` },
  ];
}

const INSECURE: readonly FlagSpec[] = REGISTRY_ACCESS.filter(
  ({ name }) => name === 'insecure-registry',
);

/** `copy` */
export const COPY: CommandSpec = {
  name: 'copy',
  aliases: ['cp'],
  use: 'copy [flags] <source> <destination>',
  short: 'Copy an artifact with its signatures and other referrers',
  long: 'Copy an artifact with everything that it is made of, and every signature and other referrer of it and of the manifests inside of it, between registries and OCI image layouts. Blobs are streamed, and what the destination has is not sent. The tag of the destination is set last: until then nothing there names the copy, and if the command fails or is interrupted, what was written is whole.\n\nWith --verify, what the source names is verified as the command verify does, and nothing is written unless the trust policy accepts it. Of an index that is the index alone: the manifests inside of it and the referrers are copied as they are, and there is no flag to verify them too. Where each has to have a signature of its own, run verify --recursive first, and copy by the same digest.',
  only: 'nv2',
  examples: [
    {
      title: 'Copy an image and its signatures to another registry',
      command: 'copy <registry>/<repository>:<tag> <other_registry>/<repository>:<tag>',
    },
    {
      title: 'Copy only what the trust policy accepts',
      command: 'copy --verify <registry>/<repository>@<digest> <other_registry>/<repository>:<tag>',
    },
    {
      title: 'Take an image with its signatures into a directory',
      command: 'copy --to-oci-layout <registry>/<repository>:<tag> <oci_layout_path>:<tag>',
    },
    {
      title: 'Push what an archive holds',
      command: 'copy --from-oci-layout <archive.tar.gz>:<tag> <registry>/<repository>:<tag>',
    },
  ],
  flags: [
    ...LOGGING,
    ...sideFlags('from', 'source'),
    ...sideFlags('to', 'destination'),
    ...INSECURE,
    {
      name: 'verify',
      type: 'bool',
      usage:
        'verify the source first, of an index the index alone, and write nothing unless it is accepted',
    },
    {
      name: 'scope',
      type: 'string',
      usage: 'what the trust policy is asked about, with --verify and --from-oci-layout',
    },
    VERIFICATION_PLUGIN_CONFIG,
    pluginTimeout('15s'),
    userMetadata('{key}={value} pairs that a signature must have, with --verify'),
    MAX_SIGNATURES,
    ...TRUST_GIVEN,
    OUTPUT,
  ],
  exclusive: TRUST_GIVEN_EXCLUSIVE,
  args: exactly(2),
  load: () => import('../commands/copy.ts'),
};

/** `tree` */
export const TREE: CommandSpec = {
  name: 'tree',
  use: 'tree [flags] <reference>',
  short: 'Show what an artifact holds and what refers to it',
  long: 'Show the manifests inside of an index and the signatures and other referrers of each, to those that refer to a referrer. Nothing is verified: use verify for that.',
  only: 'nv2',
  examples: [
    {
      title: 'Show the signatures of an image and of the images in an index',
      command: 'tree <registry>/<repository>:<tag>',
    },
    {
      title: 'The same of an image layout',
      command: 'tree --oci-layout <oci_layout_path>:<tag>',
    },
  ],
  flags: [...LOGGING, ...REGISTRY_ACCESS, ociLayout('show'), OUTPUT],
  args: needsReference('tree'),
  load: () => import('../commands/tree.ts'),
};
