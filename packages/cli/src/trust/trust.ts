import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemReason } from '@nv2/core';
import {
  type Denials,
  directoryTrustStore,
  loadOciTrustPolicy,
  NotaryError,
  notationFiles,
  type TrustStatement,
  type TrustStore,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { CommandFailure } from '../failure.ts';
import { isDirectoryPath } from '../files.ts';
import { configuredDenials } from './denial-list.ts';
import { givenTrust, isTrustGiven } from './given-trust.ts';

/** Whom a command trusts, and where that is from. */
export interface Trust {
  /** What is not accepted whatever signatures say. */
  readonly denials: Denials;
  readonly policy: { readonly statements: readonly TrustStatement[] };
  readonly trustStore: TrustStore;
  /** Path of the policy file; absent where the command line alone says it. */
  readonly policyPath?: string;
  /** Directory of the trust stores; absent likewise. */
  readonly trustStorePath?: string;
}

/** Names of a policy in nv2's own format, in the configuration directory. */
export const OWN_POLICY_FILES = ['trustpolicy.nv2.yaml', 'trustpolicy.nv2.json'] as const;

/**
 * Whom to trust: what the command line says, else the policy that it names, else the configured one.
 * Under the name nv2 a policy in nv2's own format comes before notation's; two of them are refused.
 * The denial list is read first, whoever is trusted.
 *
 * @throws CommandFailure, CliError `CLI_USAGE`
 */
export async function loadTrust(context: CommandContext): Promise<Trust> {
  try {
    const denials = await configuredDenials(context);
    if (isTrustGiven(context)) return { ...(await givenTrust(context)), denials };
    return { ...(await configuredTrust(context)), denials };
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw new CommandFailure({ loadsPolicy: true }, { cause });
  }
}

async function configuredTrust(context: CommandContext): Promise<Omit<Trust, 'denials'>> {
  const { io, flags, program } = context;
  const named = flags.optional('policy');
  const trustStorePath = trustStoreDirectory(context);
  const trust = { trustStore: directoryTrustStore(trustStorePath), trustStorePath };
  const own = program === 'notation' || named !== undefined ? undefined : ownPolicyFile(context);
  const path = named === undefined ? await own : resolve(io.cwd, named);
  if (path === undefined) return { ...(await notationPolicy(context)), ...trust };
  const { readPolicyFile } = await import('./policy-file.ts');
  const { statements } = await readPolicyFile(path, named);
  return { policy: { statements }, policyPath: path, ...trust };
}

/**
 * The directory of the trust stores: that of `--trust-dir`, else the configured one.
 *
 * @throws CliError `CLI_FILE_MISSING` if what `--trust-dir` names is no directory
 */
export function trustStoreDirectory({
  io,
  flags,
  environment,
}: Pick<CommandContext, 'io' | 'flags' | 'environment'>): string {
  const named = flags.optional('trust-dir');
  if (named === undefined) return notationFiles(environment.paths).trustStore;
  const path = resolve(io.cwd, named);
  if (isDirectoryPath(path)) return path;
  throw new CliError('CLI_FILE_MISSING', `the flag --trust-dir: there is no directory ${path}`, {
    hint: 'name the directory that holds ca/, signingAuthority/ or tsa/',
  });
}

async function notationPolicy({
  environment,
  program,
}: CommandContext): Promise<Pick<Trust, 'policy' | 'policyPath'>> {
  try {
    const { policy, path } = await loadOciTrustPolicy(environment.paths);
    return { policy, policyPath: path };
  } catch (cause) {
    if (program === 'notation') throw cause;
    if (!isPolicyMissing(cause)) {
      const { inConfiguredPolicy } = await import('./policy-mistake.ts');
      throw inConfiguredPolicy(cause, program);
    }
    const { code, message, data } = cause;
    throw new NotaryError(code, message, {
      cause,
      data,
      hint: 'say whom to trust: --trust cert.pem or --policy FILE, or make a policy with "nv2 policy init" or "nv2 policy import"',
    });
  }
}

function isPolicyMissing(error: unknown): error is NotaryError {
  return error instanceof NotaryError && error.code === 'NOTARY_POLICY_NOT_FOUND';
}

/**
 * The policy file that verifications go by where the command line names none: nv2's own where there
 * is one; undefined where notation's decides.
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID` if there are two
 */
export async function ownPolicyFile({
  environment,
}: Pick<CommandContext, 'environment'>): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of OWN_POLICY_FILES) {
    const path = join(environment.paths.config, name);
    if (isThere(path)) found.push(path);
  }
  const [first, second] = found;
  if (second === undefined) return first;
  throw new NotaryError(
    'NOTARY_OWN_POLICY_INVALID',
    `there are two trust policies: ${first} and ${second}`,
    { data: { path: [] }, hint: 'remove one of them' },
  );
}

/** Whether there is anything of that name. A link that leads nowhere is there too: reading it fails. */
export function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    const code = systemReason(error)?.code;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
