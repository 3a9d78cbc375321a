// What a CRL of 100,000 entries costs: to decode and look a certificate up, in ms; what it keeps in
// memory, as a multiple of the file; and the whole judgement with its signature. No peer: pkijs refuses
// a CRL of this size.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defaultCrypto } from '@nv2/core';
import { makeChain, makeCrl } from '@nv2/testkit';
import { checkCrl, findCrlEntries, parseCrl } from '@nv2/x509';
import { measure, printTable, summarize, type Timing } from './measure.ts';

const ENTRIES = 100_000;

const inMilliseconds = ({ min, median, max }: Timing): Timing => ({
  min: min / 1000,
  median: median / 1000,
  max: max / 1000,
});

const { chain, authorities } = await makeChain({
  algorithm: { kind: 'ec', curve: 'P-256' },
  authority: { kind: 'rsa', modulusBits: 2048 },
});
const [certificate] = chain;
const [issuer] = authorities;
if (certificate === undefined || issuer === undefined) throw new TypeError('no such chain');
const now = Date.now();
const der = await makeCrl({
  issuer,
  thisUpdate: now,
  entries: Array.from({ length: ENTRIES }, () => ({
    serialNumber: defaultCrypto.randomBytes(16),
    revokedAt: now,
    reasonCode: 1,
  })),
});

/** What is in memory after a call and was not before, garbage of the call included. */
function memoryOf(call: () => unknown): { readonly bytes: number; readonly result: unknown } {
  collect();
  const before = inUse();
  const result = call();
  return { bytes: inUse() - before, result };
}

function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const lookUp = (bytes = der): unknown => findCrlEntries(parseCrl(bytes), certificate.serialNumber);
const judge = (): unknown =>
  checkCrl({ certificate, issuer: issuer.certificate, base: parseCrl(der), at: now });
const once = { runs: 21, callsPerRun: 1, warmUpCalls: 0 };
const memory = Array.from(
  { length: 5 },
  () => memoryOf(() => [lookUp(new Uint8Array(der))]).bytes / der.length,
);

printTable(`a CRL of ${ENTRIES} entries, ${(der.length / 2 ** 20).toFixed(1)} MiB`, [
  {
    name: 'nv2: decoded, one certificate looked up',
    timing: inMilliseconds(await measure(() => lookUp(), once)),
    unit: 'ms',
    atMost: 30,
  },
  { name: 'nv2: memory, file included', timing: summarize(memory), unit: '× file', atMost: 3 },
  {
    name: 'nv2: decoded and judged, signature included',
    timing: inMilliseconds(await measure(judge, once)),
    unit: 'ms',
  },
  {
    name: 'SHA-256 of the file, which every signature check computes',
    timing: inMilliseconds(await measure(() => defaultCrypto.digest('sha256', der), once)),
    unit: 'ms',
  },
]);
