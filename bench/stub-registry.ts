// A registry in which one repository has every name, as a process of its own: it writes its address in a
// line, and runs until standard input ends. What was answered once is answered again without work.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeResponse, hostileRegistry } from '@nv2/testkit';

const registry = hostileRegistry();
const answers = new Map<string, FakeResponse>();

const server = createServer(async (incoming, outgoing) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const path = (incoming.url ?? '/').replace(/^\/v2\/[a-z0-9]+\//, '/v2/app/');
  const method = incoming.method ?? 'GET';
  const isRead = method === 'GET' || method === 'HEAD';
  const key = `${method} ${path}`;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const url = new URL(path, `http://${incoming.headers.host}`);
  const body = new Uint8Array(Buffer.concat(chunks));
  const kept = isRead ? answers.get(key) : undefined;
  const answer = kept ?? (await registry.handler({ method, url, headers, body }));
  if (isRead && answer.status === 200) answers.set(key, answer);
  if (!isRead) answers.clear();
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
});
process.stdin.on('end', () => process.exit()).resume();
