// The Go side of the side-by-side measurements.
import { askPeerOnce } from '../interop/peer-client.ts';

/** One reference in a registry on loopback, and the configuration to verify it with. */
export interface PeerVerification {
  /** registry/repository:tag or registry/repository@digest */
  readonly reference: string;
  /** Directory with `trustpolicy.oci.json` and `truststore/`. */
  readonly configDir: string;
  readonly warmup: number;
  readonly iterations: number;
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
