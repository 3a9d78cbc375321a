import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '@nv2/http';
import { NotaryError, type Verdict } from '@nv2/notary';
import { OciError } from '@nv2/oci';
import { faultWorld, type Ports, type Spoiled, verdictIn, type World } from './fault-world.ts';

/** What a port does instead of what it is for. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
  'a network error': () => {
    throw new HttpError('HTTP_CONNECTION_FAILED', 'injected');
  },
  'a time-out': () => {
    throw new HttpError('HTTP_TIMEOUT', 'injected');
  },
  'an unavailable registry': () => {
    throw new OciError('OCI_REGISTRY_UNAVAILABLE', 'injected');
  },
  'an ended call': () => {
    throw new DOMException('injected', 'AbortError');
  },
  'a failed plugin': () => {
    throw new NotaryError('NOTARY_PLUGIN_FAILED', 'injected');
  },
  'a defect': () => {
    throw new TypeError('injected');
  },
  'something thrown that is no error': () => {
    throw Object.create(null);
  },
  'nothing at all': () => undefined,
  'an empty object': () => ({}),
  'an empty list': () => [],
  true: () => true,
};

type Fault = () => unknown;

/** The same ports, of which one does something else. */
const POINTS: Readonly<Record<string, (ports: Ports, fault: Fault) => object>> = {
  'source.resolve': ({ source }, fault) => ({ source: { ...source, resolve: fault } }),
  'source.referrers': ({ source }, fault) => ({ source: { ...source, referrers: fault } }),
  'source.referrers, next': ({ source }, fault) => ({
    source: { ...source, referrers: () => ({ [Symbol.asyncIterator]: () => ({ next: fault }) }) },
  }),
  'source.fetchManifest': ({ source }, fault) => ({ source: { ...source, fetchManifest: fault } }),
  'source.fetchBlob': ({ source }, fault) => ({ source: { ...source, fetchBlob: fault } }),
  content: (_, fault) => ({ content: { [Symbol.asyncIterator]: fault } }),
  'content.next': (_, fault) => ({
    content: { [Symbol.asyncIterator]: () => ({ next: fault }) },
  }),
  'trustStore.certificates': (_, fault) => ({ trustStore: { certificates: fault } }),
  'crypto.digest': ({ crypto }, fault) => ({ crypto: { ...crypto, digest: fault } }),
  'crypto.verify': ({ crypto }, fault) => ({ crypto: { ...crypto, verify: fault } }),
  now: (_, fault) => ({ now: fault }),
  'now, of no time': (_, fault) => ({
    now: () => {
      fault();
      return new Date(Number.NaN);
    },
  }),
  'client.send': (_, fault) => ({ client: { send: fault } }),
  'crlCache.get': ({ crlCache }, fault) => ({ crlCache: { ...crlCache, get: fault } }),
  'crlCache.set': ({ crlCache }, fault) => ({ crlCache: { ...crlCache, set: fault } }),
  'plugins.find': (_, fault) => ({ plugins: { find: fault } }),
  'plugin.call': (_, fault) => ({
    plugins: { find: () => Promise.resolve({ name: 'demo', call: fault }) },
  }),
  'plugin.call verify-signature': ({ plugins }, fault) => ({
    plugins: {
      find: async (name: string) => {
        const plugin = await plugins.find(name);
        const call = (...args: Parameters<typeof plugin.call>): unknown =>
          args[0] === 'verify-signature' ? fault() : plugin.call(...args);
        return { name, call };
      },
    },
  }),
  log: (_, fault) => ({ log: fault }),
};

/** Ports that answer at once, not in a promise: of lists, what is in them comes later. */
const SYNCHRONOUS: readonly string[] = [
  ...['now', 'now, of no time', 'log'],
  ...['source.referrers', 'content'],
];

/** Points whose faults change nothing at all. */
const HARMLESS: readonly string[] = ['crlCache.get', 'crlCache.set'];

const NOES: readonly Spoiled[] = [
  { untrusted: true },
  { revoked: true },
  { authorityRevoked: true },
  { otherTimestamp: true },
  { pluginRefuses: true },
  { otherContent: true },
];

const yes = await faultWorld({});
const noes = await Promise.all(NOES.map(faultWorld));

/** The verdicts on an image and a blob where a port fails, at once and in a promise. */
async function verdictsOf(
  world: World,
  at: { readonly point: string; readonly fault: Fault },
): Promise<readonly Verdict[]> {
  const inject = POINTS[at.point];
  assert.ok(inject);
  const later = async (): Promise<unknown> => at.fault();
  const faults: readonly Fault[] = SYNCHRONOUS.includes(at.point) ? [at.fault] : [at.fault, later];
  const verdicts: Verdict[] = [];
  for (const fault of faults) {
    const ports = { ...world.ports, ...inject(world.ports, fault) } as Ports;
    for (const judge of world.judges) verdicts.push(await verdictIn(judge(ports)));
  }
  return verdicts;
}

/** Whether the port has no part in what is judged, so that its fault is none. */
function isUnused(point: string, index: number): boolean {
  const isBlob = index % 2 === 1;
  return isBlob ? point.startsWith('source.') : point.startsWith('content');
}

test('without a fault, the yes is a yes and each no is a no', async () => {
  for (const judge of yes.judges)
    assert.equal((await verdictIn(judge(yes.ports))).outcome, 'verified');
  for (const world of noes)
    for (const judge of world.judges)
      assert.equal((await verdictIn(judge(world.ports))).outcome, 'denied');
});

for (const point of Object.keys(POINTS)) {
  for (const [name, fault] of Object.entries(FAULTS)) {
    test(`security row 24: ${name} of ${point} makes no yes, and has a code`, async () => {
      for (const [index, verdict] of (await verdictsOf(yes, { point, fault })).entries()) {
        const isHarmless = HARMLESS.includes(point) || isUnused(point, index);
        if (isHarmless) assert.equal(verdict.outcome, 'verified');
        else if (!isAnswer(point, name)) assertRefused(verdict);
      }
      for (const world of noes)
        for (const verdict of await verdictsOf(world, { point, fault })) assertRefused(verdict);
    });
  }
}

/** What is no fault: a log may return anything, and an answer of `true` is one that holds. */
function isAnswer(point: string, name: string): boolean {
  const returns = !FAULT_THROWS.has(name);
  return (point === 'log' && returns) || (point === 'crypto.verify' && name === 'true');
}

const FAULT_THROWS: ReadonlySet<string> = new Set(
  Object.entries(FAULTS).flatMap(([name, fault]) => {
    try {
      fault();
      return [];
    } catch {
      return [name];
    }
  }),
);

function assertRefused({ outcome, cause, signatures }: Verdict): void {
  assert.ok(outcome === 'denied' || outcome === 'unavailable', outcome);
  assert.match(cause?.code ?? '', /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/);
  for (const signature of signatures) {
    assert.notEqual(signature.outcome, 'valid');
    assert.match(signature.cause?.code ?? '', /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/);
  }
}
