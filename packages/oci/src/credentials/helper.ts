import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { encodeUtf8, Nv2Error, parseJson } from '@nv2/core';
import { systemClock } from '@nv2/http';
import type { CallOptions } from '../artifact.ts';
import { OciError } from '../errors.ts';
import type { Credential, CredentialStore } from './credential.ts';

/** Runs `docker-credential-<name> <action>`, gives it `input` and returns what it prints. */
export type HelperRunner = (
  call: {
    readonly name: string;
    readonly action: 'get' | 'store' | 'erase';
    readonly input: string;
  },
  options: CallOptions,
) => Promise<{ readonly exitCode: number; readonly stdout: Uint8Array }>;

/** Options of {@link spawnHelper}. */
export interface SpawnOptions {
  /** The helper's environment. Default: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A helper that takes longer is ended. Default 60 s: some ask the user. */
  readonly timeoutMs?: number;
}

const PREFIX = 'docker-credential-';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const TOKEN_USER = '<token>';
const NOT_FOUND = 'credentials not found in native keychain';

/**
 * The credentials that a helper program keeps.
 * @throws OciError `OCI_CREDENTIAL_CONFIG_INVALID` if the name is not that of a program
 * @see docker-credential-helpers, the protocol of `get`, `store` and `erase`
 */
export function helperStore(name: string, run: HelperRunner): CredentialStore {
  if (!NAME.test(name)) {
    throw new OciError('OCI_CREDENTIAL_CONFIG_INVALID', `${JSON.stringify(name)} names no helper`, {
      hint: 'in config.json, name a helper as the part of its name after docker-credential-',
      data: { name },
    });
  }
  return {
    async get(serverAddress, options = {}) {
      const result = await run({ name, action: 'get', input: serverAddress }, options);
      if (result.exitCode === 0) return readCredential(result.stdout, name);
      if (textOf(result.stdout) === NOT_FOUND) return undefined;
      throw failed(name, 'get', result);
    },
    async store(serverAddress, credential, options = {}) {
      const input = JSON.stringify({ ServerURL: serverAddress, ...fields(credential) });
      const result = await run({ name, action: 'store', input }, options);
      if (result.exitCode !== 0) throw failed(name, 'store', result);
    },
    async erase(serverAddress, options = {}) {
      const result = await run({ name, action: 'erase', input: serverAddress }, options);
      if (result.exitCode === 0 || textOf(result.stdout) === NOT_FOUND) return;
      throw failed(name, 'erase', result);
    },
  };
}

/** The {@link HelperRunner} that starts the program, without a shell. */
export function spawnHelper(spawnOptions: SpawnOptions = {}): HelperRunner {
  const { environment, timeoutMs = 60_000 } = spawnOptions;
  return async ({ name, action, input }, { signal }) => {
    const child = await start(PREFIX + name, action, environment);
    // a helper that ends without reading its input is judged by its exit code
    child.stdin.on('error', () => undefined);
    child.stdin.end(encodeUtf8(input));
    const { promise: ended, reject: end } = withReject();
    const stopTimer = systemClock.setTimer(() => end(new Error('too slow')), timeoutMs);
    const onAbort = (): void => end(new Error('ended by its caller'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([finished(child), ended]);
    } catch (cause) {
      throw notRun(name, cause);
    } finally {
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
      // what the helper itself has started may keep the pipe open: do not wait for it
      child.stdout.destroy();
      child.kill('SIGKILL');
    }
  };
}

async function start(
  program: string,
  action: string,
  env: SpawnOptions['environment'],
): Promise<Child> {
  // where no helper is configured, nothing is started
  const { spawn } = await import('node:child_process');
  try {
    return spawn(program, [action], {
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(env && { env: { ...env } }),
    });
  } catch (cause) {
    // thrown for some reasons, said later for others
    throw notRun(program.slice(PREFIX.length), cause);
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

function finished(child: Child): Promise<{ readonly exitCode: number; readonly stdout: Buffer }> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_OUTPUT_BYTES) reject(new Error('too much output'));
    });
    child.once('error', reject);
    child.once('close', (exitCode, killedBy) => {
      if (exitCode === null) return reject(new Error(`ended by ${killedBy}`));
      resolve({ exitCode, stdout: Buffer.concat(chunks) });
    });
  });
}

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  // it may be rejected after all was said
  promise.catch(() => undefined);
  return { promise, reject };
}

function fields(credential: Credential): { readonly Username: string; readonly Secret: string } {
  if (credential.kind === 'basic') {
    return { Username: credential.username, Secret: credential.password };
  }
  return { Username: TOKEN_USER, Secret: credential.token };
}

function readCredential(stdout: Uint8Array, name: string): Credential | undefined {
  const document = parseAnswer(stdout, name);
  const username = document.get('Username') ?? '';
  const secret = document.get('Secret') ?? '';
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw unusable(name, 'Username or Secret is not a string');
  }
  if (username === '' && secret === '') return undefined;
  return username === TOKEN_USER
    ? { kind: 'refreshToken', token: secret }
    : { kind: 'basic', username, password: secret };
}

function parseAnswer(stdout: Uint8Array, name: string): ReadonlyMap<string, unknown> {
  try {
    const document = parseJson(stdout, { maxBytes: MAX_OUTPUT_BYTES });
    if (document instanceof Map) return document;
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    // the cause is left out: it could quote the secret
    throw unusable(name, 'not JSON');
  }
  throw unusable(name, 'not a JSON object');
}

function textOf(stdout: Uint8Array): string {
  return Buffer.from(stdout).toString('utf8').trim();
}

function failed(
  name: string,
  action: string,
  result: { readonly exitCode: number; readonly stdout: Uint8Array },
): OciError {
  // by the protocol, a helper that fails says why on stdout
  const reason = textOf(result.stdout)
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 500);
  const program = PREFIX + name;
  return new OciError(
    'OCI_CREDENTIAL_HELPER_FAILED',
    `${program} ${action} failed: ${reason || `exit code ${result.exitCode}`}`,
    { hint: `run ${program} by hand`, data: { name, action, reason, exitCode: result.exitCode } },
  );
}

function notRun(name: string, cause: unknown): OciError {
  const program = PREFIX + name;
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const problem = missing ? 'is not installed' : `did not run: ${reason}`;
  return new OciError('OCI_CREDENTIAL_HELPER_FAILED', `${program} ${problem}`, {
    hint: missing ? `install ${program}, or correct config.json` : `run ${program} by hand`,
    cause,
    data: { name, missing },
  });
}

function unusable(name: string, problem: string): OciError {
  const program = PREFIX + name;
  return new OciError('OCI_CREDENTIAL_HELPER_FAILED', `${program} gave no credential: ${problem}`, {
    hint: `run ${program} by hand`,
    data: { name, problem },
  });
}
