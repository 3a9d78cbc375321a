// Lists the signatures of one image, and gives up after ten seconds.
// usage: sh scripts/node.sh examples/list.ts localhost:5000/app:v1
import { listSignatures } from '@nv2/notary';
import { openArtifact } from '@nv2/oci';

const [image = ''] = process.argv.slice(2);
const signal = AbortSignal.timeout(10_000);
const { subject, signatures } = await listSignatures(openArtifact(image), { signal });
console.log(`${subject.digest}: ${signatures.length} signatures`);
for (const { digest } of signatures) console.log(digest);
