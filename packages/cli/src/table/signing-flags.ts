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

/** A key that is in no list: files, environment variables or file descriptors. */
export const SIGNING_KEY_FILES: readonly FlagSpec[] = [
  {
    name: 'key-file',
    type: 'string',
    only: 'nv2',
    usage: 'private key in PEM form to sign with: a file, env:{variable} or fd:{number}',
  },
  {
    name: 'cert-file',
    type: 'string',
    only: 'nv2',
    usage:
      'certificate chain of the private key, the signing certificate first: a file, env:{variable} or fd:{number}',
  },
  {
    name: 'passphrase',
    type: 'string',
    only: 'nv2',
    usage:
      'passphrase of the private key: a file, env:{variable} or fd:{number}; asked for on a terminal if it is needed',
  },
];

/** A key is chosen in one way. */
export const SIGNING_KEY_EXCLUSIVE: readonly (readonly string[])[] = [
  ['key', 'id'],
  ['key', 'plugin'],
  ['key-file', 'key'],
  ['key-file', 'plugin'],
];

/** Flags about keys that need each other. */
export const SIGNING_KEY_TOGETHER: readonly (readonly string[])[] = [
  ['id', 'plugin'],
  ['cert-file', 'key-file'],
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
