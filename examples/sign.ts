// Signs one image with a private key and its certificate chain (PEM, leaf first), and prints the
// digest of the signature.
// usage: sh scripts/node.sh examples/sign.ts localhost:5000/app:v1 KEY.pem CHAIN.pem
import { loadKeyPair, sign } from '@nv2/notary';
import { openArtifact } from '@nv2/oci';

const [image = '', keyPath = '', certPath = ''] = process.argv.slice(2);
const signer = await loadKeyPair({ keyPath, certPath });
const { signature } = await sign(openArtifact(image), { signer, format: 'application/jose+json' });
console.log(signature.digest);
