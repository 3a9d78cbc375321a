import { Nv2Error } from '@nv2/core/errors';
import {
  assertRegistry,
  type Credential,
  type CredentialStore,
  credentialFrom,
  pingRegistry,
  serverAddressOf,
  staticCredentials,
} from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { neededCredentialStore } from '../credential-store.ts';
import { CliError, usageError } from '../errors.ts';
import { CommandFailure, prefixed } from '../failure.ts';
import { askSecret, inputRequired } from '../prompt.ts';
import { givenCredential, registryAccess } from '../registry-access.ts';

const DOCUMENTATION = 'https://notaryproject.dev/docs/how-to/registry-authentication/';

/** `login`: tries the credential against the registry, then hands it to the credential helper. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer } = context;
  const registry = args[0] ?? '';
  if (registry === '') throw usageError('no hostname specified');
  const credential = await readCredential(context);
  const store = await neededCredentialStore(context);
  await prefixed('failed to get registry client', async () => assertRegistry(registry), {
    hint: 'write <registry> alone, without scheme and repository',
  });
  const login: Login = { registry, address: serverAddressOf(registry), credential };
  const existing = await prefixed(`failed to log in to ${registry}`, async () => {
    await prefixed(`failed to validate the credentials for ${registry}`, () => ask(context, login));
    return await storeCredential(context, login, { store });
  });
  if (flags.string('output') === 'json') {
    printer.json({ registry, stored: !existing });
    return;
  }
  if (existing) printer.line('Authenticated with existing credentials');
  printer.line('Login Succeeded');
}

interface Login {
  readonly registry: string;
  /** The name under which the credential is kept. */
  readonly address: string;
  readonly credential: Credential;
}

async function ask(
  context: CommandContext,
  { registry, address, credential }: Login,
): Promise<void> {
  const given = staticCredentials(address, credential);
  const { options, close } = await registryAccess(context, registry, given);
  try {
    await pingRegistry(registry, { ...options, signal: context.io.signal });
  } finally {
    close();
  }
}

/** Stores the credential; true if it could not be and is there already, in plain text. */
async function storeCredential(
  { io, printer, log }: CommandContext,
  { registry, address, credential }: Login,
  { store }: { readonly store: CredentialStore },
): Promise<boolean> {
  try {
    await store.store(address, credential, { signal: io.signal });
    return false;
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    if (cause.code !== 'OCI_CREDENTIAL_STORE_REQUIRED') {
      const prefix = `failed to store the credentials for ${registry}`;
      throw new CommandFailure({ prefix }, { cause });
    }
    const saved = await store.get(address, { signal: io.signal }).catch((error: unknown) => {
      log('warning', `Failed to get the existing credentials for ${registry}: ${String(error)}`);
      return undefined;
    });
    if (!isSame(saved, credential)) throw storeMissing(cause);
  }
  printer.warn(
    `The credentials store is not set up. It is recommended to configure the credentials store to securely store your credentials. See ${DOCUMENTATION}.`,
  );
  return true;
}

function storeMissing(cause: Nv2Error): CliError {
  return new CliError(
    'CLI_CREDENTIAL_STORE_MISSING',
    `the credential could not be saved because a credentials store is required to securely store the password. See ${DOCUMENTATION}`,
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
  const { input, flags, program } = context;
  let { username, password } = givenCredential(context);
  if (flags.isOn('password-stdin')) {
    if (program === 'nv2' && flags.isSet('password')) {
      throw usageError('the flags --password and --password-stdin are both set: give one of them');
    }
    password = await input.readAll();
    if (program === 'nv2' && password === '') {
      throw inputRequired('the password', 'pipe it into the command, as in "… < FILE"');
    }
  }
  if (password === '') {
    if (username === '') username = await askUsername(context);
    password = (await askSecret(username === '' ? 'Token: ' : 'Password: ', context)) ?? '';
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
