import { needsReference } from './args.ts';
import { LOGGING, OUTPUT, ociLayout, REGISTRY_ACCESS, YES } from './flags.ts';
import type { CommandSpec } from './types.ts';

/** `signature` */
export const SIGNATURE: CommandSpec = {
  name: 'signature',
  use: 'signature',
  short: 'Look after the signatures of artifacts',
  only: 'nv2',
  children: [
    {
      name: 'delete',
      use: 'delete [flags] --signature <digest> <reference>',
      short: 'Delete one signature of an artifact',
      long: 'Delete one signature of an artifact, and its entry in the list of referrers where the registry does not keep that itself. What is not a signature of that artifact is not deleted. To take back trust in a signature that others may have copied, deny it in the trust policy or revoke its certificate: deleting does not reach copies.',
      examples: [
        {
          title: 'Delete a signature that list shows',
          command:
            'signature delete --signature sha256:<signature_digest> <registry>/<repository>@<digest>',
        },
      ],
      flags: [
        ...LOGGING,
        ...REGISTRY_ACCESS,
        { name: 'signature', type: 'string', usage: 'digest of the signature' },
        YES,
        ociLayout('delete the signature of'),
        OUTPUT,
      ],
      required: [{ flag: 'signature' }],
      args: needsReference('signature delete'),
      load: () => import('../commands/signature-delete.ts'),
    },
  ],
};
