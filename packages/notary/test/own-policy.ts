import type { JsonValue } from '@nv2/core';
import { compileOwnPolicy, type OwnTrustPolicy } from '@nv2/notary';

/** A value as a document of nv2's own policy format has it. */
export function jsonValue(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return new Map(Object.entries(value).map(([key, one]) => [key, jsonValue(one)]));
}

/** A strict policy over everything for the store `ca:acme`, in nv2's own format. */
export function ownPolicy(changes: object = {}): OwnTrustPolicy {
  const statement = {
    name: 'app',
    scopes: [{ any: true }],
    level: 'strict',
    signers: [{ name: 'acme', stores: ['ca:acme'], identities: [{ any: true }] }],
    ...changes,
  };
  return compileOwnPolicy(jsonValue({ version: 'nv2/1', statements: [statement] }));
}
