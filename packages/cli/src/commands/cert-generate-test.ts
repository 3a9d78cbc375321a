import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCrypto, encodePem, encodeUtf8 } from '@nv2/core';
import {
  addCertificate,
  addSigningKey,
  deleteCertificate,
  notationFiles,
  updateSigningKeys,
} from '@nv2/notary';
import { ATTRIBUTE, type Certificate, EXTENDED_KEY_USAGE, issueCertificate } from '@nv2/x509';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';
import { writeNewFile } from '../files.ts';
import { interrupted } from '../interrupt.ts';
import { formatRfc3339 } from '../text/go-time.ts';

const RSA_SIZES: ReadonlySet<number> = new Set([2048, 3072, 4096]);
const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_SERIAL = 199;

interface Made {
  readonly name: string;
  readonly keyPath: string;
  readonly certPath: string;
}

/** `cert generate-test`: all of key, certificate, trust store and key list, or nothing. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer, environment } = context;
  const say = flags.string('output') === 'json' ? () => undefined : printer.line.bind(printer);
  const name = args[0] ?? '';
  const bits = flags.integer('bits');
  if (!RSA_SIZES.has(bits)) {
    throw usageError(
      `invalid argument "${bits}" for "-b, --bits" flag: signatures need an RSA key of 2048, 3072 or 4096 bits`,
    );
  }
  const { localKeys } = notationFiles(environment.paths);
  const made = {
    name,
    keyPath: join(localKeys, `${name}.key`),
    certPath: join(localKeys, `${name}.crt`),
  };
  say(`generating RSA Key with ${bits} bits`);
  const { certificate, pkcs8 } = await issueTestCertificate(name, { bits, now: io.now() });
  if (io.signal.aborted) throw interrupted();
  say(`generated certificate expiring on ${formatRfc3339(certificate.notAfter)}`);
  await install(context, { made, certificate, pkcs8, say });
  if (flags.string('output') === 'json') {
    printer.json({ ...made, store: name, default: flags.isOn('default') });
  }
}

async function issueTestCertificate(
  name: string,
  { bits, now }: { readonly bits: number; readonly now: Date },
): Promise<{ readonly certificate: Certificate; readonly pkcs8: Uint8Array }> {
  const { key, pkcs8 } = await defaultCrypto.generateKey({ kind: 'rsa', modulusBits: bits });
  const [random = 0] = defaultCrypto.randomBytes(1);
  const certificate = await issueCertificate(
    {
      // the order in which Go writes a name
      subject: [
        { type: ATTRIBUTE.country, value: 'US' },
        { type: ATTRIBUTE.organization, value: 'Notary' },
        { type: ATTRIBUTE.locality, value: 'Seattle' },
        { type: ATTRIBUTE.stateOrProvince, value: 'WA' },
        { type: ATTRIBUTE.commonName, value: name },
      ],
      notBefore: now.getTime(),
      notAfter: now.getTime() + DAY_MS,
      spki: key.spki,
      serialNumber: Uint8Array.of((random % MAX_SERIAL) + 1),
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [EXTENDED_KEY_USAGE.codeSigning],
    },
    { key },
  );
  return { certificate, pkcs8 };
}

interface Installation {
  readonly made: Made;
  readonly certificate: Certificate;
  readonly pkcs8: Uint8Array;
  readonly say: (text: string) => void;
}

// What was made is taken back in reverse where a later step fails.
async function install(context: CommandContext, installation: Installation): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    await installSteps(context, { ...installation, undo });
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    throw error;
  }
}

async function installSteps(
  { environment, flags }: CommandContext,
  {
    made,
    certificate,
    pkcs8,
    say,
    undo,
  }: Installation & { readonly undo: (() => Promise<unknown>)[] },
): Promise<void> {
  const { name, keyPath, certPath } = made;
  const { paths } = environment;
  await prefixed('failed to write key file', () =>
    writeNewFile(keyPath, encodeUtf8(encodePem('PRIVATE KEY', pkcs8)), 0o600),
  );
  undo.push(() => rm(keyPath));
  say(`wrote key: ${keyPath}`);
  await prefixed('failed to write certificate file', () =>
    writeNewFile(certPath, encodeUtf8(encodePem('CERTIFICATE', certificate.der)), 0o644),
  );
  undo.push(() => rm(certPath));
  say(`wrote certificate: ${certPath}`);
  const store = { type: 'ca', store: name, source: certPath } as const;
  const root = notationFiles(paths).trustStore;
  const added = await addCertificate(root, store);
  undo.push(() => deleteCertificate(root, added));
  const markDefault = flags.isOn('default');
  const key = { kind: 'local', name, keyPath, certPath } as const;
  await updateSigningKeys(paths, (keys) => addSigningKey(keys, key, { markDefault }));
  say(`Successfully added ${added.file} to named store ${name} of type ca`);
  say(`${name}: added to the key list`);
  if (markDefault) say(`${name}: marked as default signing key`);
}
