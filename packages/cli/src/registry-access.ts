import {
  createHttpClient,
  type HttpClient,
  type HttpLogEvent,
  type LazyNodeTransportOptions,
  lazyNodeTransport,
} from '@nv2/http';
import { isInsecureRegistry } from '@nv2/notary';
import {
  type CredentialSource,
  credentialFrom,
  isPlainHttpByDefault,
  type RegistryOptions,
  serverAddressOf,
  staticCredentials,
} from '@nv2/oci';
import type { CommandContext } from './context.ts';
import { credentialStore, neededCredentialStore } from './credential-store.ts';
import { type Logger, noLog } from './log.ts';
import { loadSettings } from './settings.ts';
import { VERSION } from './version.ts';

/** How a registry is reached, and what to call when it is not needed any more. */
export interface RegistryAccess {
  readonly options: RegistryOptions;
  readonly close: () => void;
}

interface GivenCredentials {
  /** Default: those of flags, variables and config.json. */
  readonly credentials?: CredentialSource | undefined;
}

/** A client of HTTP as the environment says, and how to let go of its connections. */
export interface HttpAccess {
  readonly client: HttpClient;
  readonly close: () => void;
}

/** Opens a client that knows no credentials. */
export function httpAccess(
  { environment, log }: Pick<CommandContext, 'environment' | 'log'>,
  connections: Pick<LazyNodeTransportOptions, 'maxConnectionsPerHost'> = {},
): HttpAccess {
  const { certificates, proxies: proxy } = environment;
  const transport = lazyNodeTransport({ certificates, proxy, ...connections });
  const client = createHttpClient({
    transport,
    userAgent: `nv2/${VERSION}`,
    ...(log !== noLog && { log: (event) => logHttp(event, log) }),
  });
  return { client, close: () => transport.close() };
}

/** Access to one registry as flags, variables and config.json say. */
export async function registryAccess(
  context: CommandContext,
  registry: string,
  credentials?: CredentialSource,
): Promise<RegistryAccess> {
  const { client, close } = httpAccess(context);
  return { options: await registryOptions(context, registry, { client, credentials }), close };
}

/** The same with a client that is there already. */
export async function registryOptions(
  context: CommandContext,
  registry: string,
  { client, credentials }: Pick<RegistryOptions, 'client'> & GivenCredentials,
): Promise<RegistryOptions> {
  return {
    client,
    credentials: credentials ?? (await credentialsFor(context, registry)),
    plainHttp: await isPlainHttp(context, registry),
    clientId: 'nv2',
    onWarning: ({ text }) => context.printer.warn(`${registry} says: ${text}`),
  };
}

/** User name and password from the flags, else from the environment. */
export function givenCredential({ flags, environment }: CommandContext): {
  readonly username: string;
  readonly password: string;
} {
  const username = flags.isSet('username') ? flags.string('username') : environment.username;
  const password = flags.isSet('password') ? flags.string('password') : environment.password;
  return { username, password };
}

/**
 * Credentials for one side of a command that talks to two registries: those of its own flags, else
 * those that are kept for the registry. What is given for one side is never sent to the other.
 */
export function sideCredentials(
  context: CommandContext,
  side: 'from' | 'to',
  registry: string,
): CredentialSource {
  const { flags } = context;
  const given = credentialFrom(flags.string(`${side}-username`), flags.string(`${side}-password`));
  if (given !== undefined) return staticCredentials(serverAddressOf(registry), given);
  return storedCredentials(context);
}

async function credentialsFor(
  context: CommandContext,
  registry: string,
): Promise<CredentialSource> {
  const { username, password } = givenCredential(context);
  const given = credentialFrom(username, password);
  if (given !== undefined) return staticCredentials(serverAddressOf(registry), given);
  // notation wants a store that can be opened, nv2 only where the registry wants credentials
  return context.program === 'notation'
    ? await neededCredentialStore(context)
    : storedCredentials(context);
}

function storedCredentials(context: CommandContext): CredentialSource {
  return {
    get: async (address, options) => (await credentialStore(context)).get(address, options),
  };
}

async function isPlainHttp(context: CommandContext, registry: string): Promise<boolean> {
  const { flags, program } = context;
  if (flags.isOn('insecure-registry')) return true;
  // notation takes =false for not given
  if (program === 'nv2' && flags.isSet('insecure-registry')) return false;
  // notation takes localhost:port alone for local
  if (isPlainHttpByDefault(registry, { loopbackAddresses: program === 'nv2' })) return true;
  return isInsecureRegistry(await loadSettings(context), registry);
}

/** One event of a client, for the log. */
function logHttp(event: HttpLogEvent, log: Logger): void {
  const target = `"${event.method}" "${event.url}"`;
  switch (event.type) {
    case 'request':
      log('debug', `Request ${target} attempt ${event.attempt} ${shown(event.headers)}`);
      break;
    case 'response':
      log('debug', `Response ${target} status ${event.status} ${shown(event.headers)}`);
      break;
    case 'retry':
      log('debug', `Retry ${target} in ${event.delayMs} ms: ${event.reason}`);
      break;
  }
}

function shown(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `"${canonical(name)}": "${value}"`)
    .join(' ');
}

// As Go writes the names of fields: Content-Type.
function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
