import type { NodeTransport, NodeTransportOptions } from './node-transport.ts';
import type { Transport } from './types.ts';

/** Options of `nodeTransport` but for a rule, whose faults it would tell only with the first request. */
export type LazyNodeTransportOptions = Omit<NodeTransportOptions, 'publicAddressesOnly'>;

/** `nodeTransport`, loaded with the first request: `node:http` takes long, and is not always needed. */
export function lazyNodeTransport(options: LazyNodeTransportOptions = {}): NodeTransport {
  let opened: Promise<NodeTransport> | undefined;
  const send: Transport = async (request, hop) => {
    opened ??= import('./node-transport.ts').then(({ nodeTransport }) => nodeTransport(options));
    return (await opened)(request, hop);
  };
  const close = (): void => {
    opened?.then((transport) => transport.close()).catch(() => undefined);
  };
  return Object.assign(send, { close });
}
