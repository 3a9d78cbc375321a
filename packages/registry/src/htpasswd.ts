import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decodeBase64, decodeUtf8 } from '@nv2/core';
import { compare } from 'bcryptjs';
import type { Authenticate } from './authenticate.ts';
import { RegistryError } from './errors.ts';

/** The work of one check is 2^cost; above 12 a few wrong passwords would stop the registry. */
const MAX_COST = 12;
const MAX_FILE_BYTES = 1024 * 1024;
/** bcrypt ignores what comes after; two passwords must not be one. */
const MAX_PASSWORD_BYTES = 72;
/** Different credentials that are checked at the same time. */
const MAX_CHECKS = 8;
/** Credentials that are remembered as right. */
const MAX_REMEMBERED = 1000;

const BCRYPT = /^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$/;
/** Compared with where there is no such user, so that the time does not tell. No password fits it. */
const NOBODY = `$2b$10$${'.'.repeat(53)}`;

/**
 * Reads a htpasswd file of bcrypt hashes (`htpasswd -B`), once.
 * @throws RegistryError `REGISTRY_HTPASSWD_INVALID`
 */
export async function readHtpasswd(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RegistryError('REGISTRY_HTPASSWD_INVALID', `cannot read ${path}`, {
      cause,
      hint: 'make the file with: htpasswd -B -c FILE USER',
      data: { path },
    });
  });
  return parseHtpasswd(text, path);
}

/** Reads the content of a htpasswd file. @throws RegistryError `REGISTRY_HTPASSWD_INVALID` */
export function parseHtpasswd(text: string, path = 'htpasswd'): ReadonlyMap<string, string> {
  if (text.length > MAX_FILE_BYTES) throw invalid(path, `is larger than ${MAX_FILE_BYTES} bytes`);
  const users = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const where = `line ${index + 1}`;
    const colon = line.indexOf(':');
    const [user, hash] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (colon < 1) throw invalid(path, `${where} is not <user>:<hash>`);
    const cost = BCRYPT.exec(hash)?.[1];
    if (cost === undefined) throw invalid(path, `${where} does not have a bcrypt hash`);
    if (Number(cost) < 4 || Number(cost) > MAX_COST) {
      throw invalid(path, `${where} has the cost ${cost}, expected 4 to ${MAX_COST}`);
    }
    if (users.has(user)) throw invalid(path, `${where} names a user again`);
    users.set(user, hash);
  }
  if (users.size === 0) throw invalid(path, 'has no user');
  return users;
}

/**
 * Lets in who has the password of one of the users. Credentials that were right are remembered as
 * a keyed hash, so that bcrypt is paid once and not with every request.
 */
export function passwordAuthentication(users: ReadonlyMap<string, string>): Authenticate {
  const key = randomBytes(32);
  const remembered = new Set<string>();
  const running = new Map<string, Promise<boolean>>();

  const check = async (user: string, password: string): Promise<boolean> => {
    const right = await compare(password, users.get(user) ?? NOBODY);
    return right && users.has(user) && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
  };

  return async (authorization) => {
    const credentials = readBasic(authorization);
    if (credentials === undefined) throw unauthorized();
    const { user, password } = credentials;
    const known = createHmac('sha256', key).update(`${user}\0${password}`).digest('base64');
    // the set holds keyed hashes: how long a look-up takes says nothing about a password
    if (remembered.has(known)) return;
    if (!running.has(known)) {
      if (running.size >= MAX_CHECKS) {
        throw new RegistryError('REGISTRY_TOO_MANY_LOGINS', 'too many logins at the same time');
      }
      running.set(
        known,
        check(user, password).finally(() => running.delete(known)),
      );
    }
    if (!(await running.get(known))) throw unauthorized();
    remembered.add(known);
    const [oldest] = remembered;
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  };
}

/** RFC 7617 2: `Basic` and base64 of `user:password`. */
function readBasic(
  authorization: string | null,
): { readonly user: string; readonly password: string } | undefined {
  const token = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  try {
    const text = decodeUtf8(decodeBase64(token));
    const colon = text.indexOf(':');
    if (colon < 0 || text.includes('\0')) return undefined;
    return { user: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    // malformed credentials are wrong credentials
    return undefined;
  }
}

function unauthorized(): RegistryError {
  return new RegistryError('REGISTRY_UNAUTHORIZED', 'a user name and its password are needed');
}

function invalid(path: string, problem: string): RegistryError {
  return new RegistryError('REGISTRY_HTPASSWD_INVALID', `${path} ${problem}`, {
    hint: `write each user with: htpasswd -B -C 10 FILE USER`,
    data: { path, problem },
  });
}
