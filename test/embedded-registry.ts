import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@nv2/core';
import { addCertificate } from '@nv2/notary';
import { startRegistry } from '@nv2/registry';
import { makeChain, withTempDir } from '@nv2/testkit';
import { formatNameGo } from '@nv2/x509';
import { pushImage } from '../scripts/quickstart-image.ts';

const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'example',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:example'],
      trustedIdentities: ['*'],
    },
  ],
};

/** A registry with one image, and all that is needed to sign it and to verify the signature. */
export interface Site {
  readonly dir: string;
  /** Host and port of the registry. */
  readonly host: string;
  /** The image `app:v1`, which nobody has signed. */
  readonly image: string;
  readonly digest: string;
  /** PEM files, the chain leaf first. */
  readonly key: string;
  readonly chain: string;
  /** The file of a strict trust policy that trusts the chain's root. */
  readonly policy: string;
  readonly trustStore: string;
  /** The leaf's subject, as verdicts print it. */
  readonly signer: string;
}

/** Calls `use` with a registry of its own, which is gone afterwards. */
export async function withSite(use: (site: Site) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const registry = await startRegistry({
      dir: join(dir, 'registry'),
      host: '127.0.0.1',
      port: 0,
    });
    try {
      const host = `localhost:${registry.url.port}`;
      const { digest } = await pushImage(host, { repository: 'app', tag: 'v1', content: 'hello' });
      const trust = await writeTrust(dir);
      await use({ dir, host, image: `${host}/app:v1`, digest, ...trust });
    } finally {
      await registry.close();
    }
  });
}

async function writeTrust(
  dir: string,
): Promise<Pick<Site, 'key' | 'chain' | 'policy' | 'trustStore' | 'signer'>> {
  const { chain, leafPkcs8, root } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
  const files = {
    key: join(dir, 'leaf.key'),
    chain: join(dir, 'chain.pem'),
    policy: join(dir, 'trustpolicy.oci.json'),
    trustStore: join(dir, 'truststore'),
  };
  const source = join(dir, 'root.pem');
  await writeFile(files.key, encodePem('PRIVATE KEY', leafPkcs8));
  await writeFile(files.chain, chain.map(({ der }) => encodePem('CERTIFICATE', der)).join(''));
  await writeFile(source, encodePem('CERTIFICATE', root.der));
  await addCertificate(files.trustStore, { type: 'ca', store: 'example', source });
  await writeFile(files.policy, JSON.stringify(POLICY));
  const [leaf = root] = chain;
  return { ...files, signer: formatNameGo(leaf.subject) };
}
