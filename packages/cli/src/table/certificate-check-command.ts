import { needsOne } from './args.ts';
import { OUTPUT } from './flags.ts';
import type { CommandSpec } from './types.ts';

/** `cert check` */
export const CERT_CHECK: CommandSpec = {
  name: 'check',
  use: 'check [flags] <cert_path>',
  short: 'Check certificates against the requirements of the Notary Project',
  long: 'Say every requirement of the Notary Project that the certificates of a file break, and the openssl extensions of one that passes. The first certificate is taken to be the one that signs and those after it its authorities, up to the root. Whether they are trusted is not judged. Exits with 1 if a requirement is broken.',
  examples: [
    { title: 'Check the chain that a key signs with', command: 'cert check chain.pem' },
    { title: 'Check the root to be trusted', command: 'cert check --ca root.pem' },
    {
      title: 'Check the chain of a timestamp authority',
      command: 'cert check --tsa tsa-chain.pem',
    },
  ],
  flags: [
    { name: 'ca', type: 'bool', usage: 'every certificate of the file is an authority' },
    { name: 'tsa', type: 'bool', usage: 'the certificates are for timestamps' },
    OUTPUT,
  ],
  args: needsOne('expected one certificate file'),
  only: 'nv2',
  load: () => import('../commands/cert-check.ts'),
};
