import { defaultCrypto, encodeHex } from '@nv2/core';
import { notationFiles, showCertificate } from '@nv2/notary';
import { type Certificate, formatNameGo } from '@nv2/x509';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';
import { formatGoString, formatRfc3339 } from '../text/go-time.ts';
import { printable } from '../text/printable.ts';
import { namedStore } from './trust-store-arguments.ts';

const RULE = '-'.repeat(80);

interface Details {
  readonly issuer: string;
  readonly subject: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  readonly thumbprint: string;
}

/** `cert show` */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer, environment, log } = context;
  const named = namedStore(context);
  const file = args[0] ?? '';
  if (file === '') throw usageError('certificate fileName cannot be empty');
  const root = notationFiles(environment.paths).trustStore;
  log('debug', `Showing details of certificate: ${file}`);
  const { certificates } = await prefixed(
    `failed to show details of certificate ${file}, with error`,
    () => showCertificate(root, { ...named, file }),
  );
  const details = await Promise.all(certificates.map(describe));
  if (flags.string('output') === 'json') {
    printer.json({ ...named, file, certificates: details.map(toJson) });
    return;
  }
  const blocks = details.map((certificate) => `${RULE}\n${format(certificate)}`);
  printer.line(['Certificate details', ...blocks].join('\n'));
}

async function describe(certificate: Certificate): Promise<Details> {
  const thumbprint = encodeHex(await defaultCrypto.digest('sha256', certificate.der));
  return {
    issuer: formatNameGo(certificate.issuer),
    subject: formatNameGo(certificate.subject),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    isCa: certificate.basicConstraints?.ca === true,
    thumbprint,
  };
}

function format(details: Details): string {
  return [
    `Issuer: ${printable(details.issuer)}`,
    `Subject: ${printable(details.subject)}`,
    `Valid from: ${formatGoString(details.notBefore)}`,
    `Valid to: ${formatGoString(details.notAfter)}`,
    `IsCA: ${details.isCa}`,
    `SHA256 Thumbprint: ${details.thumbprint}`,
  ].join('\n');
}

function toJson({ notBefore, notAfter, ...rest }: Details): Readonly<Record<string, unknown>> {
  return { ...rest, notBefore: formatRfc3339(notBefore), notAfter: formatRfc3339(notAfter) };
}
