import type { RevocationMethod } from '../../revocation/finding.ts';
import { SERVICE_FAILURES, type ServiceFailure } from '../../revocation/service-failure.ts';
import type { ValuePath } from '../../value-path.ts';
import type { RevocationTuning, SoftFailure } from '../statement.ts';
import { duration, durationTo } from './duration.ts';
import {
  fields,
  list,
  mistake,
  onlyOne,
  optional,
  required,
  type Shape,
  text,
  word,
  yes,
} from './shape.ts';

/** All questions about one chain together take no longer. */
const MAX_TIMEOUT_SECONDS = 30;

const MAX_RULES = 100;
const MAX_HOSTS = 100;
const METHODS: readonly RevocationMethod[] = ['ocsp', 'crl'];

/** What may be passed over, as it is written: of `hosts`, or of `any`. */
interface SoftFailText {
  readonly hosts?: readonly string[] | undefined;
  readonly any?: true | undefined;
  readonly methods?: readonly RevocationMethod[] | undefined;
  readonly failures: readonly ServiceFailure[];
}

/** Where answers are kept, as it is written. */
interface OfflineText {
  readonly directory: string;
  readonly maxAge: number;
}

/** How revocation is asked about, as it is written. */
export interface RevocationText {
  readonly timeout?: number | undefined;
  readonly softFail?: readonly SoftFailText[] | undefined;
  readonly offline?: OfflineText | undefined;
}

const HOST = text(
  'the host of a revocation service as its URL has it, such as ocsp.example or ocsp.example:8080',
  isHostOfUrl,
);

const SOFT_FAIL: Shape<SoftFailText> = fields<SoftFailText>(
  {
    hosts: optional(list(HOST, { max: MAX_HOSTS })),
    any: optional(yes),
    methods: optional(list(word(METHODS), { max: METHODS.length })),
    failures: required(list(word(SERVICE_FAILURES), { max: SERVICE_FAILURES.length })),
  },
  'softFail',
);

const OFFLINE: Shape<OfflineText> = fields<OfflineText>(
  {
    directory: required(text('the path of a directory')),
    maxAge: required(duration),
  },
  'offline',
);

/** The field `revocation` of a statement. */
export const REVOCATION_SHAPE: Shape<RevocationText> = fields<RevocationText>(
  {
    timeout: optional(durationTo(MAX_TIMEOUT_SECONDS, `${MAX_TIMEOUT_SECONDS}s`)),
    softFail: optional(list(SOFT_FAIL, { max: MAX_RULES })),
    offline: optional(OFFLINE),
  },
  'revocation',
);

/** @throws NotaryError `NOTARY_OWN_POLICY_INVALID` if it says nothing, or two things that exclude each other */
export function compileRevocation(
  { timeout, softFail, offline }: RevocationText,
  at: ValuePath,
): RevocationTuning {
  if (timeout === undefined && softFail === undefined && offline === undefined) {
    throw mistake(at, 'expected timeout, softFail or offline');
  }
  const other = timeout === undefined ? softFail && 'softFail' : 'timeout';
  if (offline !== undefined && other !== undefined) {
    throw mistake(
      [...at, other],
      'with offline no service is asked, so none can fail or take its time',
      `take either ${other} or offline out`,
    );
  }
  return {
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
    ...(softFail && {
      softFail: softFail.map((one, i) => compileSoftFail(one, [...at, 'softFail', i])),
    }),
    ...(offline && {
      offline: { directory: offline.directory, maxAgeSeconds: offline.maxAge },
    }),
  };
}

function compileSoftFail(written: SoftFailText, at: ValuePath): SoftFailure {
  onlyOne(written, ['hosts', 'any'], at);
  const { hosts, methods = METHODS, failures } = written;
  return {
    hosts: hosts === undefined ? 'any' : new Set(hosts),
    methods: new Set(methods),
    failures: new Set(failures),
  };
}

// As URL.host has it: in small letters, the port left out where it is that of plain HTTP.
function isHostOfUrl(value: string): boolean {
  const url = `http://${value}/`;
  // a URL may have other letters in its host, of which none means any
  if (!/^[a-z0-9._:[\]-]+$/.test(value)) return false;
  return URL.canParse(url) && new URL(url).host === value && new URL(url).href === url;
}
