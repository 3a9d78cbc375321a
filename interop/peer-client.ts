// Speaks to the Go harness (packages/testkit/peer-go): requests and responses are lines of JSON.
import { spawn } from 'node:child_process';
import { peer } from './peers.ts';

/** What every response of the harness has. */
export interface PeerVerdict {
  readonly ok: boolean;
  /** Where it failed, if `ok` is false. */
  readonly stage?: string;
  readonly error?: string;
}

/** A signature made by the harness; digests of manifests. */
export interface PeerSigned extends PeerVerdict {
  readonly subject?: string;
  readonly signature?: string;
}

/** What notation-go says about one reference. */
export interface PeerVerified extends PeerVerdict {
  readonly subject?: string;
  readonly level?: string;
  readonly signatures: readonly {
    readonly checks: readonly { readonly check: string; readonly action: string; error?: string }[];
    readonly userMetadata?: Readonly<Record<string, string>>;
    readonly error?: string;
  }[];
}

/** The times of verifications in one process of the harness, in nanoseconds. */
export interface PeerBenchmark extends PeerVerdict {
  readonly nanoseconds?: readonly number[];
}

/** What one run of a program took. */
export interface PeerMeasured extends PeerVerdict {
  readonly nanoseconds: number;
  readonly cpuNanoseconds: number;
  readonly maxRssKilobytes: number;
  /** Of both streams. */
  readonly output?: string;
}

/** Response type by subcommand. */
export interface PeerResponses {
  readonly sign: PeerSigned;
  readonly verify: PeerVerified;
  readonly judge: PeerVerified;
  readonly 'bench-verify': PeerBenchmark;
  readonly 'bench-judge': PeerVerdict & { readonly cpuNanoseconds?: number };
  readonly measure: PeerMeasured;
  readonly 'envelope-sign': PeerVerdict & { readonly envelope?: string };
  readonly 'envelope-verify': PeerVerdict & {
    /** In base64, as the certificates. */
    readonly payload?: string;
    readonly certificates?: readonly string[];
    readonly payloadType?: string;
    readonly scheme?: string;
    readonly signingTime?: string;
    readonly expiry?: string;
    readonly extendedAttributes?: readonly {
      readonly key: string | number;
      readonly critical: boolean;
    }[];
  };
  readonly 'chain-validate': PeerVerdict;
  readonly 'name-format': PeerVerdict & { readonly subject: string; readonly issuer?: string };
  /** Fields by name, see the harness; Uint8Array fields are base64. */
  readonly 'certificate-read': PeerVerdict & {
    readonly fields?: Readonly<Record<string, unknown>>;
  };
  readonly 'timestamp-verify': PeerVerdict & {
    readonly earliest: string;
    readonly latest: string;
    readonly chain?: readonly string[];
  };
  readonly 'plugin-call': PeerVerdict & {
    readonly response?: Readonly<Record<string, unknown>>;
  };
  /** What the entry holds, base64. */
  readonly 'crl-cache': PeerVerdict & { readonly baseCRL?: string; readonly deltaCRL?: string };
  readonly 'policy-validate': PeerVerdict & { readonly statement?: string };
  /** `envelope` is base64. */
  readonly 'blob-sign': PeerVerdict & { readonly envelope?: string };
  readonly 'blob-verify': PeerVerdict & {
    readonly level?: string;
    readonly userMetadata?: Readonly<Record<string, string>>;
  };
  readonly 'blob-policy': PeerVerdict & { readonly statement?: string };
  readonly 'config-read': PeerVerdict & {
    readonly signingKeys?: unknown;
    readonly trustPolicy?: unknown;
    readonly trustStores?: readonly (readonly string[])[];
  };
}

/**
 * Sends all requests to one process of the harness; resolves to the responses in the same order.
 * Fields of type Uint8Array are sent in base64. A response that says no is a response; an error is
 * thrown only where the harness could not do what it was asked.
 */
export async function askPeer<C extends keyof PeerResponses>(
  command: C,
  requests: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly PeerResponses[C][]> {
  const child = spawn(await peer('nv2-peer'), [command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  child.stdin.on('error', () => undefined); // it ended early: the count of responses tells
  child.stdin.end(requests.map((request) => `${JSON.stringify(encode(request))}\n`).join(''));
  await ended;
  const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
  if (lines.length !== requests.length) {
    throw new Error(`nv2-peer ${command}: ${requests.length} requests, ${lines.length} responses`);
  }
  return lines.map((line) => JSON.parse(line) as PeerResponses[C]);
}

/** {@link askPeer} with one request. */
export async function askPeerOnce<C extends keyof PeerResponses>(
  command: C,
  request: Readonly<Record<string, unknown>>,
): Promise<PeerResponses[C]> {
  const [response] = await askPeer(command, [request]);
  if (response === undefined) throw new Error(`nv2-peer ${command}: no response`);
  return response;
}

function encode(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(encode);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, encode(entry)]));
}
