import { Nv2Error } from '@nv2/core/errors';
import {
  assertRegistry,
  type Credential,
  credentialFrom,
  pingRegistry,
  serverAddressOf,
  staticCredentials,
} from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { credentialStore } from '../credential-store.ts';
import { CliError, usageError } from '../errors.ts';
import { CommandFailure, prefixed } from '../failure.ts';
import { askSecret, inputRequired } from '../prompt.ts';
import { givenCredential, registryAccess } from '../registry-access.ts';

const DOCUMENTATION = 'https://notaryproject.dev/docs/how-to/registry-authentication/';

/** `login`: tries the credential against the registry, then hands it to the credential helper. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer } = context;
  const registry = args[0] ?? '';
  if (registry === '') throw usageError('no hostname specified');
  const credential = await readCredential(context);
  const address = serverAddressOf(registry);
  await prefixed('failed to get registry client', async () => assertRegistry(registry));
  const untried = `failed to log in to ${registry}: failed to validate the credentials for ${registry}`;
  await prefixed(untried, async () => {
    const { options, close } = await registryAccess(
      context,
      registry,
      staticCredentials(address, credential),
    );
    try {
      await pingRegistry(registry, { ...options, signal: io.signal });
    } finally {
      close();
    }
  });
  const existing = await storeCredential(context, { registry, address, credential });
  if (flags.string('output') === 'json') {
    printer.json({ registry, stored: !existing });
    return;
  }
  if (existing) printer.line('Authenticated with existing credentials');
  printer.line('Login Succeeded');
}

/** Stores the credential; true if it could not be and is there already, in plain text. */
async function storeCredential(
  context: CommandContext,
  {
    registry,
    address,
    credential,
  }: { readonly registry: string; readonly address: string; readonly credential: Credential },
): Promise<boolean> {
  const { io, printer, log } = context;
  const store = await credentialStore(context);
  try {
    await store.store(address, credential, { signal: io.signal });
    return false;
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    if (cause.code !== 'OCI_CREDENTIAL_STORE_REQUIRED') {
      const prefix = `failed to log in to ${registry}: failed to store the credentials for ${registry}`;
      throw new CommandFailure({ prefix }, { cause });
    }
    const saved = await store.get(address, { signal: io.signal }).catch((error: unknown) => {
      log('warning', `Failed to get the existing credentials for ${registry}: ${String(error)}`);
      return undefined;
    });
    if (!isSame(saved, credential)) throw storeMissing(registry, cause);
  }
  printer.warn(
    `The credentials store is not set up. It is recommended to configure the credentials store to securely store your credentials. See ${DOCUMENTATION}.`,
  );
  return true;
}

function storeMissing(registry: string, cause: Nv2Error): CliError {
  return new CliError(
    'CLI_CREDENTIAL_STORE_MISSING',
    `failed to log in to ${registry}: the credential could not be saved because a credentials store is required to securely store the password. See ${DOCUMENTATION}`,
    {
      cause,
      hint: 'set credsStore in config.json to a docker-credential helper, or give user name and password in NOTATION_USERNAME and NOTATION_PASSWORD',
    },
  );
}

function isSame(saved: Credential | undefined, given: Credential): boolean {
  return saved !== undefined && JSON.stringify(saved) === JSON.stringify(given);
}

async function readCredential(context: CommandContext): Promise<Credential> {
  const { input, flags } = context;
  let { username, password } = givenCredential(context);
  if (flags.isOn('password-stdin')) password = await input.readAll();
  if (password === '') {
    if (username === '') username = await askUsername(context);
    password = await askSecret(username === '' ? 'Token: ' : 'Password: ', context);
  }
  if (password === '') throw noPassword(username);
  const credential = credentialFrom(username, password);
  if (credential === undefined) throw noPassword(username);
  return credential;
}

async function askUsername({ input, printer }: CommandContext): Promise<string> {
  printer.text('Username: ');
  const line = await input.readLine();
  if (line !== undefined) return line.trim();
  printer.line();
  throw inputRequired('a user name', 'give -u and --password-stdin, or run on a terminal');
}

function noPassword(username: string): CliError {
  return new CliError(
    'CLI_INPUT_REQUIRED',
    username === '' ? 'token required' : 'password required',
    { hint: 'give the password with --password-stdin' },
  );
}
