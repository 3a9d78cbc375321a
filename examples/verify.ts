// Verifies one image by a policy file and a trust store directory, and prints who signed it.
// usage: sh scripts/node.sh examples/verify.ts localhost:5000/app:v1 POLICY.json TRUSTSTORE
import { readFile } from 'node:fs/promises';
import { directoryTrustStore, onlineRevocation, parseOciTrustPolicy, verify } from '@nv2/notary';
import { openArtifact } from '@nv2/oci';

const [image = '', policyFile = '', trustStore = ''] = process.argv.slice(2);
const { verdict } = await verify(openArtifact(image), {
  policy: parseOciTrustPolicy(await readFile(policyFile)),
  trustStore: directoryTrustStore(trustStore),
  revocation: onlineRevocation(),
});
console.log(verdict.subject.digest, verdict.outcome, verdict.signatures.at(-1)?.signer?.subject);
