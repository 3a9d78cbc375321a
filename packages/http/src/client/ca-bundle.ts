import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpError } from '../errors.ts';

/** Where the certificates that TLS trusts come from. Whatever is given replaces the system's. */
export interface CertificateSources {
  /** A PEM file, as SSL_CERT_FILE names it. */
  readonly file?: string;
  /** Directories of PEM files, as SSL_CERT_DIR names them. */
  readonly directories?: readonly string[];
  /** PEM text. */
  readonly pem?: string;
}

/** Where Linux and BSD systems keep their bundle, in the order that Go looks. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/etc/ssl/cert.pem',
];

const MAX_FILES = 2000;

/**
 * The trusted certificates as PEM texts: from `sources` if it names any, else from the system's
 * bundle, else undefined for the list that the runtime brings.
 * @throws HttpError `HTTP_CA_BUNDLE_INVALID` if a named file or directory gives no certificate
 */
export async function loadCaBundle(
  sources: CertificateSources = {},
): Promise<readonly string[] | undefined> {
  const texts: string[] = [];
  if (sources.pem !== undefined) texts.push(assertPem(sources.pem, 'the given PEM text'));
  if (sources.file !== undefined) texts.push(await readPemFile(sources.file));
  if (sources.directories !== undefined)
    texts.push(...(await readDirectories(sources.directories)));
  if (texts.length > 0) return texts;
  for (const path of SYSTEM_BUNDLES) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined && hasCertificate(text)) return [text];
  }
  return undefined;
}

async function readPemFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalid(`cannot read ${path}`, path, cause);
  });
  return assertPem(text, path);
}

async function readDirectories(directories: readonly string[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const directory of directories) {
    const names = await readdir(directory).catch(() => []);
    for (const name of names.sort().slice(0, MAX_FILES)) {
      const text = await readFile(join(directory, name), 'utf8').catch(() => '');
      if (hasCertificate(text)) texts.push(text);
    }
  }
  if (texts.length === 0) {
    const list = directories.join(', ');
    throw invalid(`no certificate in ${list}`, list);
  }
  return texts;
}

function assertPem(text: string, where: string): string {
  if (!hasCertificate(text)) throw invalid(`no PEM certificate in ${where}`, where);
  return text;
}

function hasCertificate(text: string): boolean {
  return text.includes('-----BEGIN CERTIFICATE-----') || text.includes('-----BEGIN TRUSTED CERT');
}

function invalid(message: string, path: string, cause?: unknown): HttpError {
  return new HttpError('HTTP_CA_BUNDLE_INVALID', message, {
    hint: 'check the variables SSL_CERT_FILE and SSL_CERT_DIR',
    cause,
    data: { path },
  });
}
