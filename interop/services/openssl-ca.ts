// The database of `openssl ca`, from which its responder and its CRLs come.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHex } from '@nv2/core';
import { execute } from '../execute.ts';
import { peer } from '../peers.ts';

/** What a database says about a certificate: that it is sound, or since when it is not. */
export interface DatabaseEntry {
  readonly serialNumber: Uint8Array;
  readonly revoked?: {
    readonly at: number;
    /** As openssl calls it. */
    readonly reason: 'keyCompromise' | 'superseded' | 'certificateHold';
    /** With keyCompromise: until when the key was sound. */
    readonly invalidityDate?: number;
  };
}

/** What a CRL is to be, beside its entries. */
export interface CrlOptions {
  /** Names of the files `<signer>.pem` and `<signer>.key`; default `ca`. */
  readonly signer?: string;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  readonly crlNumber?: number;
  /** Further lines of the section of extensions. */
  readonly extensions?: readonly string[];
}

const HOUR = 60 * 60 * 1000;

/** A time as openssl takes it: `YYYYMMDDHHMMSSZ`. */
function timeText(at: number): string {
  return `${new Date(at).toISOString().replace(/\..*$|[-:T]/g, '')}Z`;
}

/** Writes the database of a CA. */
export async function writeDatabase(
  path: string,
  entries: readonly DatabaseEntry[],
): Promise<void> {
  const expiry = timeText(Date.now() + 240 * HOUR).slice(2);
  const lines = entries.map(({ serialNumber, revoked }) => {
    const serial = encodeHex(serialNumber).toUpperCase();
    const state = revoked === undefined ? ['V', expiry, ''] : ['R', expiry, revocation(revoked)];
    return [...state, serial, 'unknown', `/O=Notary/CN=${serial}`].join('\t');
  });
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
}

function revocation({ at, reason, invalidityDate }: NonNullable<DatabaseEntry['revoked']>): string {
  const since = timeText(at).slice(2);
  return invalidityDate === undefined
    ? `${since},${reason}`
    : `${since},keyTime,${timeText(invalidityDate)}`;
}

/** What `openssl ca -gencrl` makes of `index.txt` in the directory, in DER. */
export async function makeOpensslCrl(dir: string, options: CrlOptions = {}): Promise<Uint8Array> {
  const { signer = 'ca', thisUpdate = Date.now() - HOUR, crlNumber = 1 } = options;
  const { nextUpdate = Date.now() + HOUR } = options;
  await writeFile(join(dir, 'crlnumber'), `${evenHex(crlNumber)}\n`);
  await writeFile(join(dir, 'ca.cnf'), configOf(options));
  const openssl = await peer('openssl');
  const from = ['-keyfile', `${signer}.key`, '-cert', `${signer}.pem`];
  const times = ['-crl_lastupdate', timeText(thisUpdate), '-crl_nextupdate', timeText(nextUpdate)];
  const made = ['ca', '-config', 'ca.cnf', '-gencrl', ...from, ...times, '-out', 'crl.pem'];
  await execute(openssl, made, { cwd: dir });
  const toDer = ['crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der'];
  await execute(openssl, toDer, { cwd: dir });
  return new Uint8Array(await readFile(join(dir, 'crl.der')));
}

function configOf({ extensions }: CrlOptions): string {
  const lines = [
    '[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256',
    ...(extensions ? ['crl_extensions=extensions\n[extensions]', ...extensions] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function evenHex(value: number): string {
  const digits = value.toString(16);
  return digits.padStart(digits.length + (digits.length % 2), '0');
}
