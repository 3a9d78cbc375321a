import type { Platform } from '@nv2/oci';
import { parsePlatform } from '@nv2/oci/platform';
import { isTrustStoreName } from '../../truststore/trust-store.ts';
import { type LevelName, TIMESTAMP_OPTIONS, type TimestampOption } from '../levels.ts';
import { isRegistryScope, isRepositoryScope } from '../scopes.ts';
import { duration } from './duration.ts';
import { REVOCATION_SHAPE, type RevocationText } from './revocation-text.ts';
import {
  either,
  fields,
  list,
  mapped,
  mistake,
  optional,
  required,
  type Shape,
  text,
  textMap,
  wholeNumber,
  word,
  yes,
} from './shape.ts';

/** The version of nv2's own policy format. */
export const OWN_POLICY_VERSION = 'nv2/1';

/** At most so many signers in a statement: the search for keys of their own is bounded by it. */
export const MAX_SIGNERS = 16;

const MAX_STATEMENTS = 1000;
const MAX_SCOPES = 1000;
const MAX_NAMES = 100;

/** A scope as it is written: one of the first four fields. */
export interface ScopeText {
  readonly repository?: string | undefined;
  readonly namespace?: string | undefined;
  readonly registry?: string | undefined;
  readonly any?: true | undefined;
  readonly mirrors?: readonly string[] | undefined;
}

/** An identity as it is written: one field. */
export interface IdentityText {
  readonly subject?: string | undefined;
  readonly any?: true | undefined;
  readonly other?: string | undefined;
}

/** A signer as it is written. */
export interface SignerText {
  readonly name: string;
  readonly stores?: readonly string[] | undefined;
  readonly identities?: readonly IdentityText[] | undefined;
  readonly keys?: readonly string[] | undefined;
}

/** Actions that differ from those of the level. */
export interface OverrideText {
  readonly authenticity?: 'enforce' | 'log' | undefined;
  readonly authenticTimestamp?: 'enforce' | 'log' | undefined;
  readonly expiry?: 'enforce' | 'log' | undefined;
  readonly revocation?: 'enforce' | 'log' | 'skip' | undefined;
}

/** Whose timestamps count, and when they are asked for. */
export interface TimestampText {
  readonly stores: readonly string[];
  readonly verify?: TimestampOption | undefined;
}

/** A statement as it is written. */
export interface StatementText {
  readonly name: string;
  readonly scopes: readonly ScopeText[];
  readonly level: LevelName;
  readonly override?: OverrideText | undefined;
  readonly revocation?: RevocationText | undefined;
  readonly timestamp?: TimestampText | undefined;
  readonly signers?: readonly SignerText[] | undefined;
  readonly require?: 'all' | 'any' | { readonly atLeast: number } | undefined;
  readonly metadata?: ReadonlyMap<string, string> | undefined;
  readonly maxAge?: number | undefined;
  readonly platforms?: readonly Platform[] | undefined;
}

/** A policy as it is written. */
export interface PolicyText {
  readonly version: typeof OWN_POLICY_VERSION;
  readonly statements: readonly StatementText[];
}

const LEVEL_NAMES: readonly LevelName[] = ['strict', 'permissive', 'audit', 'skip'];

const PLATFORM_FORM = 'a platform as os/architecture or os/architecture/variant';

const NAME = text('a name', /^[^\p{Cc}]{1,200}$/u);
const STORE_NAME = text('the name of a trust store', isTrustStoreName);
const STORE = text('a trust store as ca:name or signingAuthority:name', isSignerStore);
const KEY = text('a key as sha256: and 64 hexadecimal digits', /^sha256:[0-9a-f]{64}$/);
const ACTION = word(['enforce', 'log']);

const PLATFORM: Shape<Platform> = mapped(
  text(PLATFORM_FORM, /^[a-z0-9]+\/[a-z0-9_-]+(?:\/[a-z0-9.]+)?$/),
  (written, at) => {
    const platform = parsePlatform(written);
    if (platform === undefined) throw mistake(at, `expected ${PLATFORM_FORM}`);
    return platform;
  },
);

const SCOPE: Shape<ScopeText> = fields<ScopeText>(
  {
    repository: optional(text('a repository as registry/repository', isRepositoryScope)),
    namespace: optional(text('a namespace as registry/path', isRepositoryScope)),
    registry: optional(text('a registry as host or host:port', isRegistryScope)),
    any: optional(yes),
    mirrors: optional(list(text('another name of the same kind'), { max: MAX_NAMES })),
  },
  'a scope',
);

const IDENTITY: Shape<IdentityText> = fields<IdentityText>(
  {
    subject: optional(text('a name as in RFC 4514, such as C=US, ST=WA, O=Acme')),
    any: optional(yes),
    other: optional(text('an identity for a verification plugin as prefix:value', isOtherIdentity)),
  },
  'an identity',
);

const SIGNER: Shape<SignerText> = fields<SignerText>(
  {
    name: required(NAME),
    stores: optional(list(STORE, { max: MAX_NAMES })),
    identities: optional(list(IDENTITY, { max: MAX_NAMES })),
    keys: optional(list(KEY, { max: MAX_NAMES })),
  },
  'a signer',
);

const STATEMENT: Shape<StatementText> = fields<StatementText>(
  {
    name: required(NAME),
    scopes: required(list(SCOPE, { max: MAX_SCOPES })),
    level: required(word(LEVEL_NAMES)),
    override: optional(
      fields<OverrideText>(
        {
          authenticity: optional(ACTION),
          authenticTimestamp: optional(ACTION),
          expiry: optional(ACTION),
          revocation: optional(word(['enforce', 'log', 'skip'])),
        },
        'override',
      ),
    ),
    revocation: optional(REVOCATION_SHAPE),
    timestamp: optional(
      fields<TimestampText>(
        {
          stores: required(list(STORE_NAME, { max: MAX_NAMES })),
          verify: optional(word(TIMESTAMP_OPTIONS)),
        },
        'timestamp',
      ),
    ),
    signers: optional(list(SIGNER, { max: MAX_SIGNERS })),
    require: optional(
      either(
        word(['all', 'any']),
        fields<{ readonly atLeast: number }>(
          { atLeast: required(wholeNumber(1, MAX_SIGNERS)) },
          'require',
        ),
      ),
    ),
    metadata: optional(textMap('text')),
    maxAge: optional(duration),
    platforms: optional(list(PLATFORM, { max: MAX_NAMES })),
  },
  'a statement',
);

/** The whole document. */
export const POLICY_SHAPE: Shape<PolicyText> = fields<PolicyText>(
  {
    version: required(word([OWN_POLICY_VERSION])),
    statements: required(list(STATEMENT, { max: MAX_STATEMENTS })),
  },
  'a trust policy',
);

function isSignerStore(value: string): boolean {
  const [type = '', name = '', ...more] = value.split(':');
  const isType = type === 'ca' || type === 'signingAuthority';
  return isType && more.length === 0 && isTrustStoreName(name);
}

function isOtherIdentity(value: string): boolean {
  return /^[^:\p{Cc}]+:[^\p{Cc}]+$/u.test(value) && !value.startsWith('x509.subject:');
}
