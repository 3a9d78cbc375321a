import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { KeySpec } from '@nv2/core';
import { makeChain } from '@nv2/testkit';
import type { SignatureAlgorithm } from '../src/index.ts';
import type { Identity } from './forge.ts';

type KeySpecName = SignatureAlgorithm['keySpec'];

const KEYS: Readonly<Record<KeySpecName, KeySpec>> = {
  'RSA-2048': { kind: 'rsa', modulusBits: 2048 },
  'RSA-3072': { kind: 'rsa', modulusBits: 3072 },
  'RSA-4096': { kind: 'rsa', modulusBits: 4096 },
  'EC-256': { kind: 'ec', curve: 'P-256' },
  'EC-384': { kind: 'ec', curve: 'P-384' },
  'EC-521': { kind: 'ec', curve: 'P-521' },
};

/** Every kind of key that may sign. */
export const KEY_SPECS = Object.keys(KEYS) as readonly KeySpecName[];

/** An identity for tests, valid at `now` (ms since the epoch, not a whole second). */
export interface TestIdentity extends Identity {
  readonly pkcs8: Uint8Array;
  readonly joseKey: KeyObject;
  readonly now: number;
}

const NOW = 1_764_000_000_123;
const made = new Map<string, Promise<TestIdentity>>();

/**
 * A key of this kind with a chain of this many certificates (one: self-signed), the same one for
 * every test that asks: making RSA keys is slow.
 */
export function identity(spec: KeySpecName, depth: 1 | 2 | 3 = 1): Promise<TestIdentity> {
  const name = `${spec}/${depth}`;
  const known = made.get(name) ?? make(spec, depth);
  made.set(name, known);
  return known;
}

async function make(spec: KeySpecName, depth: 1 | 2 | 3): Promise<TestIdentity> {
  const { chain, leafKey, leafPkcs8 } = await makeChain({
    algorithm: KEYS[spec],
    depth,
    now: new Date(NOW),
  });
  return {
    chain,
    key: leafKey,
    pkcs8: leafPkcs8,
    joseKey: createPrivateKey({ key: Buffer.from(leafPkcs8), format: 'der', type: 'pkcs8' }),
    now: NOW,
  };
}
