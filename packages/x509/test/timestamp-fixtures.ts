import assert from 'node:assert/strict';
import { encodeUtf8 } from '@nv2/core';
import { type MakeTsaOptions, makeTsa, type TestTsa, type TsaChanges } from '@nv2/testkit';
import { type VerifiedTimestamp, verifyTimestampToken, type X509ErrorCode } from '../src/index.ts';

/** The time of every timestamp, and the middle of the first day of every certificate. */
export const TIME: number = Date.parse('2026-03-01T12:00:00Z');
export const DAY: number = 24 * 60 * 60 * 1000;
export const CONTENT: Uint8Array = encodeUtf8('the octets of a signature');

export function tsaOf(options: MakeTsaOptions = {}): Promise<TestTsa> {
  return makeTsa({ time: () => TIME, now: new Date(TIME), ...options });
}

/** Verifies a token of `authority` under its own root. */
export async function verifyToken(
  authority: TestTsa,
  changes: TsaChanges = {},
): Promise<VerifiedTimestamp> {
  const token = await authority.token(CONTENT, changes);
  return verifyTimestampToken(token, { content: CONTENT, anchors: [authority.root] });
}

/** For `assert.rejects`: the code, and of its data what is given. */
export function hasCode(
  code: X509ErrorCode,
  data: Readonly<Record<string, unknown>> = {},
): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Error && 'code' in error && 'data' in error, String(error));
    assert.equal(error.code, code, error.message);
    for (const [name, value] of Object.entries(data))
      assert.deepEqual((error.data as Record<string, unknown>)[name], value, error.message);
    return true;
  };
}
