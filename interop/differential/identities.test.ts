// Trusted identities under nv2 and notation-go: every subject against every identity.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodePem, encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import {
  directoryTrustStore,
  NotaryError,
  parseOciTrustPolicy,
  sign,
  VerificationError,
  verify,
} from '@nv2/notary';
import { describeContent, encodeManifest, MEDIA_TYPE, openLayout } from '@nv2/oci';
import { makeChain } from '@nv2/testkit';
import { ATTRIBUTE, type Attribute } from '../certificates.ts';
import { askPeer } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';

const SCOPE = 'local/identities';
const { country, state, organization, organizationalUnit, commonName } = ATTRIBUTE;
const base = (name = 'Notary'): Attribute[] => [
  { type: country, value: 'US' },
  { type: state, value: 'WA' },
  { type: organization, value: name },
];
const unit = (value: string): Attribute => ({ type: organizationalUnit, value });
const common = (value: string): Attribute => ({ type: commonName, value });

const SUBJECTS: Readonly<Record<string, readonly Attribute[]>> = {
  plain: [...base(), common('builder')],
  'another order': [common('builder'), ...base().toReversed()],
  'with a unit': [...base(), unit('a'), common('builder')],
  'two units': [...base(), unit('a'), unit('b')],
  'the same unit twice': [...base(), unit('a'), unit('a')],
  'two common names': [...base(), common('x'), common('builder')],
  'an e-mail address': [...base(), { type: ATTRIBUTE.emailAddress, value: 'a@example.com' }],
  'a domain component': [{ type: ATTRIBUTE.domainComponent, value: 'example' }, ...base()],
  'a comma': [...base('Acme, Inc.'), common('builder')],
  'a plus': [...base(), common('builder+OU=a')],
  'a comma that reads as an attribute': [...base(), common('builder,OU=a')],
  'a hash': [...base(), common('#0401')],
  'an equals sign and a hash': [...base(), common('a=#b')],
  'a backslash': [...base(), common('b\\,OU=a')],
  'a quote': [...base(), common('"builder"')],
  'blanks around': [...base(), common(' builder ')],
  'no organization': [...base().slice(0, 2), common('builder')],
  'an empty organization': [...base(''), common('builder')],
  'other case': [...base('notary'), common('Builder')],
  'street, postal code, serial number': [
    ...base(),
    { type: ATTRIBUTE.street, value: '1 Main' },
    { type: ATTRIBUTE.postalCode, value: '98101' },
    { type: ATTRIBUTE.serialNumber, value: '7' },
  ],
  'beyond ASCII': [...base('Nötary 日本'), common('builder')],
};

const IDENTITIES: readonly string[] = [
  '*',
  'x509.subject:C=US,ST=WA,O=Notary',
  'x509.subject: O=Notary, S=WA, C=US',
  'x509.subject:C=US,ST=WA,O=Notary,CN=builder',
  'x509.subject:C=US,ST=WA,O=Notary,CN=Builder',
  'x509.subject:c=US,st=WA,o=Notary',
  'x509.subject:C=US,ST=WA,O=Notary,OU=a',
  'x509.subject:C=US,ST=WA,O=Notary,OU=a,CN=builder',
  'x509.subject:C=US,ST=WA,O=Notary,CN=builder\\,OU\\=a',
  'x509.subject:C=US,ST=WA,O=Notary,CN=builder\\+OU=a',
  'x509.subject:C=US,ST=WA,O=Notary,CN=\\"builder\\"',
  'x509.subject:C=US,ST=WA,O=Notary,CN=\\ builder\\ ',
  'x509.subject:C=US,ST=WA,O=Notary,CN=\\#0401',
  'x509.subject:C=US,ST=WA,O=Notary,CN=b\\\\\\,OU=a',
  'x509.subject:C=US,ST=WA,O=Acme\\, Inc.',
  'x509.subject:C=US,ST=WA,O=Acme\\2c Inc.',
  'x509.subject:C=US,ST=WA,O=Nötary 日本',
  'x509.subject:C=US,ST=WA,O=Notary,SERIALNUMBER=7',
  'x509.subject:C=US,ST=WA,O=Notary,POSTALCODE=98101,STREET=1 Main',
  'x509.subject:C=US,ST=WA,O=Notary,L=',
  'x509.subject:C=US,ST=WA,O=Notary,DC=example',
  'x509.subject:C=US,ST=WA,O=Notary+OU=a',
  'x509.subject:C=US,ST=WA,O=Notary,OU=a,OU=b',
  'x509.subject:C=US,ST=WA',
  'x509.subject:C=US,ST=WA,O=Notary,CN=*',
  'other:C=US,ST=WA,O=Notary',
];

const skip = await skipWithoutPeers('nv2-peer');

describe('trusted identities under nv2 and notation-go', { skip }, () => {
  let work = '';
  const layout = (): string => join(work, 'layout');
  const images = new Map<string, string>();
  const configs: { readonly dir: string; readonly policy: Uint8Array }[] = [];

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'nv2-identities-'));
    await mkdir(layout());
    const roots: string[] = [];
    for (const [name, subject] of Object.entries(SUBJECTS)) {
      const { image, root } = await signedBy(subject, name);
      images.set(name, image);
      roots.push(root);
    }
    for (const [i, identity] of IDENTITIES.entries()) {
      const dir = join(work, `config-${i}`);
      const store = join(dir, 'truststore/x509/ca/all');
      await mkdir(store, { recursive: true });
      await writeFile(join(store, 'roots.pem'), roots.join(''));
      const policy = policyFor(identity);
      await writeFile(join(dir, 'trustpolicy.oci.json'), policy);
      configs.push({ dir, policy });
    }
  });
  after(() => rm(work, { recursive: true, force: true }));

  async function signedBy(subject: readonly Attribute[], content: string) {
    const target = await openLayout(layout(), { create: true });
    const made = await makeChain({
      algorithm: { kind: 'ec', curve: 'P-256' },
      depth: 1,
      leaf: { subject },
    });
    const config = describeContent(encodeUtf8(content), 'application/vnd.oci.image.config.v1+json');
    await target.pushBlob(encodeUtf8(content), config);
    const mediaType = MEDIA_TYPE.imageManifest;
    const manifest = encodeManifest({ kind: 'image', mediaType, config, layers: [] });
    const descriptor = describeContent(manifest, mediaType);
    await target.pushManifest(manifest, descriptor);
    const signer = localSigner(made.leafKey, made.chain);
    await sign({ source: target, version: descriptor.digest }, { signer, format: JWS_MEDIA_TYPE });
    return { image: descriptor.digest, root: encodePem('CERTIFICATE', made.root.der) };
  }

  function policyFor(identity: string): Uint8Array {
    const statement = {
      name: 'all',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:all'],
      trustedIdentities: [identity],
    };
    return encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies: [statement] }));
  }

  async function nv2Accepts(
    version: string,
    { dir, policy }: (typeof configs)[number],
  ): Promise<boolean> {
    try {
      await verify(
        { source: await openLayout(layout()), reference: SCOPE, scope: SCOPE, version },
        {
          policy: parseOciTrustPolicy(policy),
          trustStore: directoryTrustStore(join(dir, 'truststore/x509')),
        },
      );
      return true;
    } catch (error) {
      if (error instanceof VerificationError && error.verdict.outcome === 'denied') return false;
      if (error instanceof NotaryError && error.code === 'NOTARY_POLICY_INVALID') return false;
      throw error;
    }
  }

  test('match the same subjects', async (t) => {
    const cells = [...images].flatMap(([name, image]) =>
      configs.map((config, i) => ({ name: `${name} / ${IDENTITIES[i]}`, image, config })),
    );
    const answers = await askPeer(
      'verify',
      cells.map(({ image, config }) => ({
        layout: layout(),
        scope: SCOPE,
        reference: image,
        configDir: config.dir,
      })),
    );
    let matched = 0;
    for (const [i, { name, image, config }] of cells.entries()) {
      const ours = await nv2Accepts(image, config);
      assert.equal(ours, answers[i]?.ok, name);
      if (ours) matched++;
    }
    t.diagnostic(`${cells.length} pairs, ${matched} match`);
    assert.ok(matched > Object.keys(SUBJECTS).length);
  });
});
