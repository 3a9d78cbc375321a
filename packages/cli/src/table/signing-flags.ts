import type { FlagSpec } from './types.ts';

/** Which key signs, and in which format. */
export const SIGNING_KEY: readonly FlagSpec[] = [
  {
    name: 'key',
    shorthand: 'k',
    type: 'string',
    usage:
      'signing key name, for a key previously added to the key list. This is mutually exclusive with the --id and --plugin flags',
  },
  {
    name: 'signature-format',
    type: 'string',
    default: 'jws',
    usage: 'signature envelope format, options: "jws", "cose"',
    values: ['jws', 'cose'],
  },
  {
    name: 'id',
    type: 'string',
    usage: 'key id (required if --plugin is set). This is mutually exclusive with the --key flag',
  },
  {
    name: 'plugin',
    type: 'string',
    usage:
      'signing plugin name (required if --id is set). This is mutually exclusive with the --key flag',
  },
];

/** The timestamp authority that countersigns. */
export const TIMESTAMPING: readonly FlagSpec[] = [
  {
    name: 'timestamp-url',
    type: 'string',
    usage: 'RFC 3161 Timestamping Authority (TSA) server URL',
  },
  {
    name: 'timestamp-root-cert',
    type: 'string',
    usage: 'filepath of timestamp authority root certificate',
  },
];

/** How long a signature is good for. */
export const EXPIRY: FlagSpec = {
  name: 'expiry',
  shorthand: 'e',
  type: 'duration',
  usage:
    'optional expiry that provides a "best by use" time for the artifact. The duration is specified in minutes(m) and/or hours(h). For example: 12h, 30m, 3h20m',
};
