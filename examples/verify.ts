// Verifies one image by a policy file and a trust store directory, and prints who signed it.
// usage: sh scripts/node.sh examples/verify.ts localhost:5000/app:v1 POLICY.json TRUSTSTORE
import { readFile } from 'node:fs/promises';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { directoryTrustStore, onlineRevocation, parseOciTrustPolicy, verify } from '@nv2/notary';
import { openRepository, parseReference } from '@nv2/oci';

const [name, policyFile, trustStore] = process.argv.slice(2);
if (name === undefined || policyFile === undefined || trustStore === undefined) {
  process.stderr.write(
    'usage: sh scripts/node.sh examples/verify.ts IMAGE POLICY.json TRUSTSTORE\n',
  );
  process.exit(1);
}
const reference = parseReference(name);
const transport = nodeTransport({});
const client = createHttpClient({ transport, userAgent: 'example/1.0' });
const { verdict } = await verify(
  openRepository(reference, { client }),
  {
    reference: name,
    scope: `${reference.registry}/${reference.repository}`,
    version: reference.digest ?? reference.tag ?? '',
  },
  {
    policy: parseOciTrustPolicy(await readFile(policyFile)),
    trustStore: directoryTrustStore(trustStore),
    revocation: onlineRevocation({ client }),
  },
);
transport.close();
const signer = verdict.signatures.find(({ outcome }) => outcome === 'valid')?.signer;
process.stdout.write(
  `${verdict.subject?.digest} ${verdict.outcome}, signed by ${signer?.subject}\n`,
);
