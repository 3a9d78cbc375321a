import { isDigest, type JsonValue, quoted } from '@nv2/core';
import { parseRfc3339 } from '@nv2/envelope';
import type { Descriptor } from '@nv2/oci';
import { isRepositoryScope } from '../scopes.ts';
import {
  fields,
  list,
  mapped,
  mistake,
  optional,
  required,
  type Shape,
  text,
  wholeNumber,
  word,
} from './shape.ts';

/** What a case expects of the verdict; what is not named may be anything. */
export interface PolicyExpectation {
  readonly outcome: 'verified' | 'skipped' | 'denied' | 'unavailable';
  readonly statement?: string | undefined;
  readonly code?: string | undefined;
}

/** One question to a trust policy, and the expected answer. */
export interface PolicyTestCase {
  readonly name: string;
  readonly repository: string;
  readonly subject: Descriptor;
  /** Paths of signature envelopes. */
  readonly signatures?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly clock?: number | undefined;
  readonly expect: PolicyExpectation;
}

/** Test cases as they are written. */
export interface PolicyTests {
  readonly version: 'nv2/1';
  readonly cases: readonly PolicyTestCase[];
}

const CLOCK: Shape<number> = mapped(text('a time as in 2026-01-31T12:00:00Z'), (value, at) => {
  const time = parseRfc3339(value);
  if (time === undefined)
    throw mistake(at, `expected a time as in 2026-01-31T12:00:00Z, got ${quoted(value)}`);
  return time;
});

const CASE: Shape<PolicyTestCase> = fields<PolicyTestCase>(
  {
    name: required(text('a name')),
    repository: required(text('a repository as registry/repository', isRepositoryScope)),
    subject: required(
      fields<Descriptor>(
        {
          digest: required(text('a digest', isDigest)),
          size: required(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
          mediaType: required(text('a media type')),
        },
        'a subject',
      ),
    ),
    signatures: optional(list(text('the path of a signature file'), { min: 0, max: 100 })),
    clock: optional(CLOCK),
    expect: required(
      fields<PolicyExpectation>(
        {
          outcome: required(word(['verified', 'skipped', 'denied', 'unavailable'])),
          statement: optional(text('the name of a statement')),
          code: optional(text('an error code', /^[A-Z0-9_]+$/)),
        },
        'an expectation',
      ),
    ),
  },
  'a test case',
);

const TESTS: Shape<PolicyTests> = fields<PolicyTests>(
  { version: required(word(['nv2/1'])), cases: required(list(CASE, { max: 1000 })) },
  'policy tests',
);

/** @throws NotaryError `NOTARY_OWN_POLICY_INVALID`; `data.path` leads to the place in the document */
export function readPolicyTests(document: JsonValue): PolicyTests {
  return TESTS.read(document, []);
}
