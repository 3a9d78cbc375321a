// Signs one image with a private key and its certificate chain (PEM, leaf first), and prints the
// name of the signature.
// usage: sh scripts/node.sh examples/sign.ts localhost:5000/app:v1 KEY.pem CHAIN.pem
import { createHttpClient, nodeTransport } from '@nv2/http';
import { loadKeyPair, sign } from '@nv2/notary';
import { openRepository, parseReference } from '@nv2/oci';

const [name, keyPath, certPath] = process.argv.slice(2);
if (name === undefined || keyPath === undefined || certPath === undefined) {
  process.stderr.write('usage: sh scripts/node.sh examples/sign.ts IMAGE KEY.pem CHAIN.pem\n');
  process.exit(1);
}
const reference = parseReference(name);
const transport = nodeTransport({});
const client = createHttpClient({ transport, userAgent: 'example/1.0' });
try {
  const { signature } = await sign(
    openRepository(reference, { client }),
    reference.digest ?? reference.tag ?? '',
    { signer: await loadKeyPair({ keyPath, certPath }), format: 'application/jose+json' },
  );
  const { registry, repository } = reference;
  process.stdout.write(`${registry}/${repository}@${signature.digest}\n`);
} finally {
  transport.close();
}
