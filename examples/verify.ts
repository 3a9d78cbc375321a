// Verifies one image by a policy file and a trust store directory, and prints who signed it.
// usage: sh scripts/node.sh examples/verify.ts localhost:5000/app:v1 POLICY.json TRUSTSTORE
import { readFile } from 'node:fs/promises';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { directoryTrustStore, parseOciTrustPolicy, verify } from '@nv2/notary';
import { openRepository, parseReference } from '@nv2/oci';

const [, , name = '', policyFile = '', trustStore = ''] = process.argv;
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
  },
);
transport.close();
const signer = verdict.signatures.find(({ outcome }) => outcome === 'valid')?.signer;
process.stdout.write(
  `${verdict.subject?.digest} ${verdict.outcome}, signed by ${signer?.subject}\n`,
);
