import {
  CONCURRENCY,
  LOGGING,
  MAX_SIGNATURES,
  OUTPUT_REPORT,
  pluginTimeout,
  REFERENCE_SOURCES,
  REGISTRY_ACCESS,
  TRUST_GIVEN,
  TRUST_GIVEN_EXCLUSIVE,
  USER_METADATA_REQUIRED,
  VERIFICATION_PLUGIN_CONFIG,
} from './flags.ts';
import type { CommandSpec } from './types.ts';

/** `scan` */
export const SCAN: CommandSpec = {
  name: 'scan',
  use: 'scan [flags] [reference...]',
  short: 'Verify many OCI artifacts',
  long: 'Verify the artifacts that the arguments and files name, each once, as verify would. One that fails, or a reference that cannot be read, never keeps the others from being verified.\n\nThe exit code is 1 if an artifact is denied, else 3 if one could not be decided, else 2 if a reference could not be read, else 0.\n\nWith --resume, what an earlier scan verified, skipped or denied is taken over from its journal and not looked at again: not where a tag leads now, nor expiry, nor revocation. For a new look, begin a new journal.',
  only: 'nv2',
  examples: [
    {
      title: 'Verify the artifacts of a list, one reference a line',
      command: 'scan --file <references.txt>',
    },
    { title: 'Verify those of a list on standard input', command: 'scan -' },
    {
      title: 'Verify the images of a chart: helm template <chart> |',
      command: 'scan --kubernetes -',
    },
    { title: 'Verify the images of a Compose file', command: 'scan --compose <compose.yaml>' },
    {
      title: 'Go on where an earlier scan was interrupted',
      command: 'scan --resume <journal> --file <references.txt>',
    },
  ],
  flags: [
    ...LOGGING,
    ...REGISTRY_ACCESS,
    ...REFERENCE_SOURCES,
    CONCURRENCY,
    {
      name: 'resume',
      type: 'string',
      usage:
        'journal of what is decided; a scan that is given it again, under the same trust policy, takes that over and does not look at it again, not even at a tag that has moved',
    },
    VERIFICATION_PLUGIN_CONFIG,
    pluginTimeout('15s'),
    USER_METADATA_REQUIRED,
    MAX_SIGNATURES,
    ...TRUST_GIVEN,
    OUTPUT_REPORT,
  ],
  exclusive: TRUST_GIVEN_EXCLUSIVE,
  load: () => import('../commands/scan.ts'),
};
