import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A relay that is running. */
export interface DistantServer {
  /** `host:port` of the relay. */
  readonly host: string;
  close(): void;
}

/** Starts a relay on loopback in front of `host:port`, which is so far away from then on. */
export async function distant(server: string, roundTripMs: number): Promise<DistantServer> {
  const { hostname, port } = new URL(`http://${server}`);
  const program = fileURLToPath(new URL('relay.ts', import.meta.url));
  const child = fork(program, [hostname, port, String(roundTripMs)]);
  const [relayPort] = await once(child, 'message');
  return { host: `127.0.0.1:${relayPort}`, close: () => child.disconnect() };
}
