import type { FlagSpec } from './types.ts';

/** `-d`, and the older `-v` for less of it, which scripts still pass. */
export const LOGGING: readonly FlagSpec[] = [
  { name: 'debug', shorthand: 'd', type: 'bool', usage: 'debug mode' },
  { name: 'verbose', shorthand: 'v', type: 'bool', usage: 'verbose mode', hidden: true },
];

/** Flags of the commands that talk to a registry. */
export const REGISTRY_ACCESS: readonly FlagSpec[] = [
  {
    name: 'username',
    shorthand: 'u',
    type: 'string',
    usage: 'username for registry operations (default to $NOTATION_USERNAME if not specified)',
  },
  {
    name: 'password',
    shorthand: 'p',
    type: 'string',
    usage: 'password for registry operations (default to $NOTATION_PASSWORD if not specified)',
  },
  {
    name: 'insecure-registry',
    type: 'bool',
    usage: 'use HTTP protocol while connecting to registries. Should be used only for testing',
  },
];

/** Accepted for scripts made for older versions; it never changes what is done. */
export const ALLOW_REFERRERS_API: FlagSpec = {
  name: 'allow-referrers-api',
  type: 'bool',
  usage: 'no effect: the referrers API is always tried first',
  hidden: true,
};

/** `{key}={value}` pairs in the signature. */
export function userMetadata(usage: string): FlagSpec {
  return { name: 'user-metadata', shorthand: 'm', type: 'stringArray', usage };
}

/** `{key}={value}` pairs that a signature must have. */
export const USER_METADATA_REQUIRED: FlagSpec = userMetadata(
  'user defined {key}={value} pairs that must be present in the signature for successful verification if provided',
);

/** `{key}={value}` pairs for a plugin. */
export const PLUGIN_CONFIG: FlagSpec = {
  name: 'plugin-config',
  type: 'stringArray',
  usage:
    "{key}={value} pairs that are passed as it is to a plugin, refer plugin's documentation to set appropriate values",
};

/** The same for verification plugins. */
export const VERIFICATION_PLUGIN_CONFIG: FlagSpec = {
  ...PLUGIN_CONFIG,
  usage:
    '{key}={value} pairs that are passed as it is to a plugin, if the verification is associated with a verification plugin, refer plugin documentation to set appropriate values',
};

/** How long one call of a plugin may take. */
export function pluginTimeout(fallback: string): FlagSpec {
  return {
    name: 'plugin-timeout',
    type: 'duration',
    usage: `time after which a plugin that has not answered is ended, with everything that it has started (default ${fallback})`,
  };
}

/** How many signatures are looked at. */
export const MAX_SIGNATURES: FlagSpec = {
  name: 'max-signatures',
  type: 'int',
  default: 100,
  usage: 'maximum number of signatures to evaluate or examine',
};

/** The artifact is in an OCI image layout instead of a registry. */
export function ociLayout(verb: string): FlagSpec {
  return {
    name: 'oci-layout',
    type: 'bool',
    usage: `[Experimental] ${verb} the artifact stored as OCI image layout`,
    experimental: true,
  };
}

/** Which manifest of an index. */
export function platform(verb: string): FlagSpec {
  return {
    name: 'platform',
    type: 'string',
    only: 'nv2',
    usage: `${verb} the manifest of an index for this platform, as os/architecture or os/architecture/variant`,
  };
}

/** An index with everything inside of it. */
export function recursive(verb: string): FlagSpec {
  return {
    name: 'recursive',
    type: 'bool',
    only: 'nv2',
    usage: `${verb} an index and every manifest inside of it, of nested indexes too`,
  };
}

/** Whom to trust, without any configured file or with another one. */
export const TRUST_GIVEN: readonly FlagSpec[] = [
  {
    name: 'trust',
    type: 'stringArray',
    only: 'nv2',
    usage:
      'certificate file, PEM or DER, of an authority to trust instead of the trust policy and the trust store; may be repeated',
  },
  {
    name: 'identity',
    type: 'stringArray',
    only: 'nv2',
    usage:
      "attributes that the subject of the signing certificate under --trust must have, such as 'CN=release, O=Acme'; may be repeated, and one is enough; default: any",
  },
  {
    name: 'pin',
    type: 'stringArray',
    only: 'nv2',
    usage: 'public key that may sign, as sha256:{hexadecimal digest of its SubjectPublicKeyInfo}',
  },
  {
    name: 'policy',
    type: 'string',
    only: 'nv2',
    usage: "trust policy file to use, in nv2's own format or notation's",
  },
  {
    name: 'trust-dir',
    type: 'string',
    only: 'nv2',
    usage: 'directory of trust stores to use, with ca/, signingAuthority/ and tsa/ in it',
  },
];

/** No two of these: what the command line says stands in place of files. */
export const TRUST_GIVEN_EXCLUSIVE: readonly (readonly string[])[] = [
  ['trust', 'policy'],
  ['trust', 'trust-dir'],
  ['pin', 'policy'],
  ['pin', 'trust-dir'],
];

/** `--output` of the commands whose text has a JSON form. */
export const OUTPUT: FlagSpec = {
  name: 'output',
  shorthand: 'o',
  type: 'string',
  default: 'text',
  usage: "output format, options: 'text', 'json'",
  values: ['text', 'json'],
};

/** `--output` of the commands that report verdicts. */
export const OUTPUT_REPORT: FlagSpec = {
  ...OUTPUT,
  usage: "output format, options: 'text', 'json', 'ndjson', 'sarif', 'junit'",
  values: ['text', 'json', 'ndjson', 'sarif', 'junit'],
};

/** `--output` of a comparison of references. */
export const OUTPUT_RECORDS: FlagSpec = {
  ...OUTPUT,
  usage: "output format, options: 'text', 'json', 'ndjson'",
  values: ['text', 'json', 'ndjson'],
};

/** `--output` of inspect. */
export const OUTPUT_TREE: FlagSpec = {
  name: 'output',
  shorthand: 'o',
  type: 'string',
  default: 'tree',
  usage: "output format, options: 'tree', 'json'",
  values: ['tree', 'json'],
};

/** The trust store a certificate command works on. */
export const TRUST_STORE: readonly FlagSpec[] = [
  {
    name: 'type',
    shorthand: 't',
    type: 'string',
    usage: 'specify trust store type, options: ca, signingAuthority, tsa',
    values: ['ca', 'signingAuthority', 'tsa'],
  },
  { name: 'store', shorthand: 's', type: 'string', usage: 'specify named store' },
];

/** Answers yes to every question. */
export const YES: FlagSpec = {
  name: 'yes',
  shorthand: 'y',
  type: 'bool',
  usage: 'do not prompt for confirmation',
};

/** Files that name many references, beside the arguments. */
export const REFERENCE_SOURCES: readonly FlagSpec[] = [
  {
    name: 'file',
    type: 'stringArray',
    usage:
      'list of references, one a line; empty lines and those that begin with # are skipped; - is standard input; may be repeated',
  },
  {
    name: 'kubernetes',
    type: 'stringArray',
    usage:
      'Kubernetes manifest in YAML or JSON, of any number of objects, such as "helm template" prints; - is standard input; may be repeated',
  },
  {
    name: 'compose',
    type: 'stringArray',
    usage: 'Compose file; - is standard input; may be repeated',
  },
];

/** For commands that verify many references. */
export const CONCURRENCY: FlagSpec = {
  name: 'concurrency',
  type: 'int',
  default: 16,
  usage: 'how many artifacts are verified at the same time',
};
