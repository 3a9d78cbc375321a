// What three certificates of a chain cost to parse, beside node:crypto and pkijs, in µs; and what
// validating the chain costs beside its three bare signature checks.
import { X509Certificate } from 'node:crypto';
import { createNodeCrypto } from '@nv2/core/node-crypto';
import { makeChain } from '@nv2/testkit';
import { type Certificate, parseCertificate, validateCodeSigningChain } from '@nv2/x509';
import { Certificate as PkijsCertificate } from 'pkijs';
import { measure, measurePair, printTable } from './measure.ts';

/** Every key is imported each time, on both sides. */
const crypto = createNodeCrypto({ maxKnownKeys: 0 });

/** Until the compiler of the runtime has done what it will do. */
const WARM_UP_CALLS = 20_000;

/** The bare signature checks of a chain: what no validation can do without. */
async function checkSignatures(chain: readonly Certificate[]): Promise<void> {
  for (const [i, { tbs, signature, signatureScheme }] of chain.entries()) {
    const key = (chain[i + 1] ?? chain[i])?.publicKey;
    if (key === undefined || signatureScheme === undefined) throw new TypeError('no such chain');
    if (!(await crypto.verify(key, signatureScheme, tbs, signature)))
      throw new TypeError('a signature does not hold');
  }
}

const { chain } = await makeChain({
  algorithm: { kind: 'rsa', modulusBits: 2048 },
  authority: { kind: 'rsa', modulusBits: 2048 },
  depth: 3,
});
const ders = chain.map(({ der }) => der);

printTable('three certificates of a chain with RSA-2048 keys', [
  {
    name: 'nv2',
    timing: await measure(() => ders.map(parseCertificate), { warmUpCalls: WARM_UP_CALLS }),
    unit: 'µs',
    atMost: 60,
  },
  {
    name: 'node:crypto X509Certificate',
    timing: await measure(() => ders.map((der) => new X509Certificate(der)), {
      warmUpCalls: WARM_UP_CALLS,
    }),
    unit: 'µs',
  },
  {
    name: 'pkijs',
    timing: await measure(() => ders.map((der) => PkijsCertificate.fromBER(new Uint8Array(der))), {
      callsPerRun: 10,
    }),
    unit: 'µs',
  },
]);

const validation = await measurePair(
  // primitives that are met for the first time have seen no chain yet
  () => validateCodeSigningChain(ders.map(parseCertificate), { crypto: { ...crypto } }),
  () => checkSignatures(chain),
);
printTable('the chain parsed and validated', [
  { name: 'nv2', timing: validation.first, unit: 'µs' },
  { name: 'its three signature checks alone', timing: validation.second, unit: 'µs' },
  { name: 'ratio', timing: validation.ratio, unit: '×' },
]);
