import { type DerReader, TAG } from '@nv2/core';
import { malformed } from './errors.ts';

const ANY_POLICY = '2.5.29.32.0';

/*
 * Extensions about certificate policies. Nobody asks nv2 for a policy, so that what they say changes
 * nothing (RFC 5280 6.1.1 (c) to (g)); but one that is critical must be one that can be processed.
 * Each throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`.
 */

/** CertificatePolicies, RFC 5280 4.2.1.4. */
export function readCertificatePolicies(reader: DerReader): void {
  const list = reader.enter(TAG.sequence);
  do {
    const policy = list.enter(TAG.sequence);
    policy.oid();
    if (!policy.done) readQualifiers(policy.enter(TAG.sequence));
    policy.finish();
  } while (!list.done);
}

function readQualifiers(list: DerReader): void {
  do {
    const qualifier = list.enter(TAG.sequence);
    qualifier.oid();
    qualifier.element();
    qualifier.finish();
  } while (!list.done);
}

/** PolicyMappings, RFC 5280 4.2.1.5: none to or from anyPolicy. */
export function readPolicyMappings(reader: DerReader): void {
  const list = reader.enter(TAG.sequence);
  do {
    const mapping = list.enter(TAG.sequence);
    if ([mapping.oid(), mapping.oid()].includes(ANY_POLICY))
      malformed('anyPolicy is mapped', { data: { policy: ANY_POLICY } });
    mapping.finish();
  } while (!list.done);
}

/** InhibitAnyPolicy, RFC 5280 4.2.1.14: a number of certificates. */
export function readInhibitAnyPolicy(reader: DerReader): void {
  reader.smallInteger();
}
