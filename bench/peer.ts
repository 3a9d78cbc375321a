// The Go side of the side-by-side measurements.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { askPeerOnce } from '../interop/peer-client.ts';
import { peer } from '../interop/peers.ts';

/** One reference in a registry on loopback, and the configuration to verify it with. */
export interface PeerVerification {
  /** registry/repository:tag or registry/repository@digest */
  readonly reference: string;
  /** Directory with `trustpolicy.oci.json` and `truststore/`. */
  readonly configDir: string;
  readonly warmup: number;
  readonly iterations: number;
  /** Resolve a digest first, as the `notation` command does. Default false. */
  readonly resolveFirst?: boolean;
}

/**
 * Verifies one reference with notation-go, again and again in one process, over plain HTTP with
 * connections kept; resolves to the nanoseconds of each verification after the warm-up.
 */
export async function measurePeerVerify(what: PeerVerification): Promise<readonly number[]> {
  const response = await askPeerOnce('bench-verify', { ...what, plainHttp: true });
  if (response.nanoseconds === undefined) {
    throw new Error(`notation-go does not verify ${what.reference}: ${response.error}`);
  }
  return response.nanoseconds;
}

/** The harness's registry on loopback, with the referrers API. */
export async function startPeerRegistry(): Promise<{
  readonly registry: string;
  close(): Promise<void>;
}> {
  const child = spawn(await peer('nv2-peer'), ['registry'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [line] = await once(createInterface(child.stdout), 'line');
  return {
    registry: new URL(String(line)).host,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
