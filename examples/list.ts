// Lists the signatures of one image, over the global fetch, and gives up after ten seconds.
// usage: sh scripts/node.sh examples/list.ts localhost:5000/app:v1
import { createHttpClient, fetchTransport } from '@nv2/http';
import { listSignatures } from '@nv2/notary';
import { openRepository, parseReference } from '@nv2/oci';

const [name] = process.argv.slice(2);
if (name === undefined) {
  process.stderr.write('usage: sh scripts/node.sh examples/list.ts IMAGE\n');
  process.exit(1);
}
const reference = parseReference(name);
const client = createHttpClient({ transport: fetchTransport(), userAgent: 'example/1.0' });
const { subject, signatures } = await listSignatures(
  openRepository(reference, { client }),
  reference.digest ?? reference.tag ?? '',
  { signal: AbortSignal.timeout(10_000) },
);
process.stdout.write(`${subject.digest}: ${signatures.length} signatures\n`);
for (const signature of signatures) process.stdout.write(`${signature.digest}\n`);
