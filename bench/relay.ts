// A process of its own: a relay in front of a server that is as far away as is asked. Every octet
// takes half a round trip each way, and a connection costs a whole one before the first octet leaves.
// Arguments: host, port, round trip in ms; tells its parent its port, and ends with it.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const [host = '127.0.0.1', port = '0', roundTrip = '0'] = process.argv.slice(2);
const roundTripMs = Number(roundTrip);

function forward(from: Socket, to: Socket, notBefore: number): void {
  const later = (act: () => void): void => {
    setTimeout(act, Math.max(notBefore - performance.now(), 0) + roundTripMs / 2);
  };
  from.on('data', (chunk) => later(() => to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host, port: Number(port), noDelay: true });
  forward(client, upstream, performance.now() + roundTripMs);
  forward(upstream, client, 0);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
