// Everything that the cases share: certificates, trust stores and plugins in directories, services.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crlDistributionPoints, ocspAccess } from '@nv2/testkit';
import { type Certificate, EXTENDED_KEY_USAGE, type ExtensionTemplate } from '@nv2/x509';
import { startAll } from '../../child.ts';
import { CA, issue, type Member, writePem } from '../../services/authority.ts';
import type { VerdictCase } from './dimensions.ts';
import { writePlugins } from './plugins.ts';
import {
  type Issuers,
  type KnownCertificate,
  type RevocationServices,
  startRevocationServices,
} from './revocation-services.ts';
import { REVOCATION_STATES, type RevocationState } from './revocation-states.ts';
import { startTimestamps, type Timestamps } from './timestamps.ts';

const DAY = 24 * 60 * 60 * 1000;

/** When leaf certificates are valid, in days from now. */
const VALIDITY: Readonly<Record<VerdictCase['validity'], readonly [number, number]>> = {
  valid: [-30, 30],
  expired: [-30, -1],
  'not yet valid': [1, 30],
};

const VALIDITIES = Object.keys(VALIDITY) as readonly VerdictCase['validity'][];
const STATES = Object.entries(REVOCATION_STATES);

/** What all cases share. */
export interface World {
  readonly trustStore: string;
  /** The directory that holds the trust store. */
  readonly configDir: string;
  readonly plugins: string;
  readonly timestamps: Timestamps;
  /** With the key of every leaf. */
  readonly leaf: Member;
  readonly root: Certificate;
  /** The chain of a case, leaf first. */
  chainOf(one: Pick<VerdictCase, 'revocation' | 'validity'>): Promise<readonly Certificate[]>;
  stop(): Promise<void>;
}

/** Makes it all, in a directory. */
export async function makeWorld(dir: string): Promise<World> {
  const root = await issue('root', { changes: CA });
  const ca = await issue('issuer', {
    issuer: root,
    changes: { ...CA, serialNumber: Uint8Array.of(1) },
  });
  const leaf = await issue('signer', { issuer: ca, changes: {} });
  const [services, timestamps] = await startAll(
    startRevocationServices(dir, { root, ca }, knownCertificates()),
    startTimestamps(dir),
  );
  const configDir = join(dir, 'config');
  const trustStore = join(configDir, 'truststore/x509');
  await writeStores(trustStore, { root, ca, leaf, timestamps });
  const plugins = join(dir, 'plugins');
  await writePlugins(plugins);
  const chains = new Map<string, Promise<readonly Certificate[]>>();
  return {
    trustStore,
    configDir,
    plugins,
    timestamps,
    leaf,
    root: root.certificate,
    chainOf: ({ revocation, validity }) => {
      const key = `${revocation}/${validity}`;
      const made =
        chains.get(key) ?? makeChain({ revocation, validity }, { root, ca, leaf, services });
      chains.set(key, made);
      return made;
    },
    stop: async () => {
      await Promise.all([services.stop(), timestamps.stop()]);
    },
  };
}

function stateOf(name: string): RevocationState {
  const state = REVOCATION_STATES[name];
  if (state === undefined) throw new Error(`no state ${name}`);
  return state;
}

/** One number for each state and validity; those of CAs begin with another octet. */
function serialNumber(
  revocation: string,
  validity: VerdictCase['validity'] | 'issuer',
): Uint8Array {
  const state = STATES.findIndex(([name]) => name === revocation);
  if (validity === 'issuer') return Uint8Array.of(0x20, state);
  return Uint8Array.of(0x10 + VALIDITIES.indexOf(validity), state);
}

function knownCertificates(): {
  readonly ofCa: readonly KnownCertificate[];
  readonly ofRoot: readonly KnownCertificate[];
} {
  return {
    ofCa: STATES.flatMap(([name, { database, delta }]) =>
      VALIDITIES.map((validity) => ({
        serialNumber: serialNumber(name, validity),
        database,
        delta,
      })),
    ),
    ofRoot: STATES.flatMap(([name, { issuer }]) =>
      issuer === undefined
        ? []
        : [{ serialNumber: serialNumber(name, 'issuer'), database: issuer }],
    ),
  };
}

interface ChainMembers extends Issuers {
  readonly leaf: Member;
  readonly services: RevocationServices;
}

async function makeChain(
  { revocation, validity }: Pick<VerdictCase, 'revocation' | 'validity'>,
  { root, ca, leaf, services }: ChainMembers,
): Promise<readonly Certificate[]> {
  const { ocsp = [], crl = [], issuer } = stateOf(revocation);
  const [from, until] = VALIDITY[validity];
  const extensions: ExtensionTemplate[] = [];
  if (ocsp.length > 0)
    extensions.push(ocspAccess(...ocsp.map((name) => services.responders[name])));
  if (crl.length > 0)
    extensions.push(crlDistributionPoints(...crl.map((name) => services.lists[name])));
  const { certificate } = await issue('signer', {
    issuer: ca,
    keys: leaf,
    changes: {
      notBefore: Date.now() + from * DAY,
      notAfter: Date.now() + until * DAY,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [EXTENDED_KEY_USAGE.codeSigning],
      serialNumber: serialNumber(revocation, validity),
      extensions,
    },
  });
  if (issuer === undefined) return [certificate, ca.certificate, root.certificate];
  const changes = {
    ...CA,
    serialNumber: serialNumber(revocation, 'issuer'),
    extensions: [ocspAccess(services.rootResponder)],
  };
  const checked = await issue('issuer', { issuer: root, keys: ca, changes });
  return [certificate, checked.certificate, root.certificate];
}

async function writeStores(
  trustStore: string,
  members: Issuers & { readonly leaf: Member; readonly timestamps: Timestamps },
): Promise<void> {
  const { root, ca, leaf, timestamps } = members;
  const stranger = await issue('stranger', { changes: CA });
  const stores: Readonly<Record<string, readonly Certificate[]>> = {
    root: [root.certificate],
    intermediate: [ca.certificate],
    stranger: [stranger.certificate],
    empty: [],
    leaf: [leaf.certificate],
  };
  for (const type of ['ca', 'signingAuthority'])
    for (const [name, certificates] of Object.entries(stores))
      await writeStore(join(trustStore, type, name), certificates);
  await writeStore(join(trustStore, 'tsa/right'), timestamps.roots);
  await writeStore(join(trustStore, 'tsa/wrong'), [stranger.certificate]);
}

async function writeStore(dir: string, certificates: readonly Certificate[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [i, certificate] of certificates.entries())
    await writePem(join(dir, `${i}.pem`), certificate);
}
