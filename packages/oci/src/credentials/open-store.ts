import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { OciError } from '../errors.ts';
import {
  type CredentialConfig,
  configuresCredentials,
  erasePlainCredential,
  helperFor,
  plainCredential,
  readCredentialConfig,
} from './config-file.ts';
import type { CredentialStore } from './credential.ts';
import { type HelperRunner, helperStore, spawnHelper } from './helper.ts';

/** Where {@link openCredentialStore} looks. Nothing is taken from the environment. */
export interface CredentialStoreOptions {
  /** Path of notation's config.json. */
  readonly notationConfig?: string;
  /** Path of docker's config.json. */
  readonly dockerConfig?: string;
  /** Directories of programs, to find the platform's own helper. Default: none is looked for. */
  readonly searchPath?: readonly string[];
  /** Default: this platform. */
  readonly platform?: NodeJS.Platform;
  /** Default: starts the program with this process's environment. */
  readonly runHelper?: HelperRunner;
}

/**
 * The store of credentials that the user has set up: notation's configuration if it says anything
 * of credentials, else docker's, else the platform's helper if it is installed. Plain text in a
 * file is read, and can be erased, but never written.
 * @throws OciError `OCI_CREDENTIAL_CONFIG_INVALID`
 */
export async function openCredentialStore(
  options: CredentialStoreOptions,
): Promise<CredentialStore> {
  const runHelper = options.runHelper ?? spawnHelper();
  const paths = [options.notationConfig, options.dockerConfig];
  const configs: CredentialConfig[] = [];
  for (const path of paths) {
    if (path === undefined) continue;
    const config = await readCredentialConfig(path);
    if (configuresCredentials(config)) return configStore(config, runHelper);
    configs.push(config);
  }
  const platformHelper = findPlatformHelper(options);
  if (platformHelper !== undefined) return helperStore(platformHelper, runHelper);
  return configs[0] ? configStore(configs[0], runHelper) : emptyStore();
}

function configStore(config: CredentialConfig, runHelper: HelperRunner): CredentialStore {
  const storeFor = (serverAddress: string): CredentialStore => {
    const helper = helperFor(config, serverAddress);
    return helper === undefined ? fileStore(config) : helperStore(helper, runHelper);
  };
  return {
    get: async (address, options) => await storeFor(address).get(address, options),
    store: async (address, credential, options) =>
      await storeFor(address).store(address, credential, options),
    erase: async (address, options) => await storeFor(address).erase(address, options),
  };
}

function fileStore(config: CredentialConfig): CredentialStore {
  return {
    ...emptyStore(),
    get: async (address) => await Promise.resolve(plainCredential(config, address)),
    erase: async (address) => await erasePlainCredential(config, address),
  };
}

function emptyStore(): CredentialStore {
  return {
    get: () => Promise.resolve(undefined),
    store: (address) => Promise.reject(storeRequired(address)),
    erase: () => Promise.resolve(),
  };
}

function findPlatformHelper(options: CredentialStoreOptions): string | undefined {
  const { searchPath = [], platform = process.platform } = options;
  const name = platformHelper(platform, searchPath);
  if (name === undefined) return undefined;
  const suffix = platform === 'win32' ? '.exe' : '';
  return isProgram(`docker-credential-${name}${suffix}`, searchPath) ? name : undefined;
}

function platformHelper(
  platform: NodeJS.Platform,
  searchPath: readonly string[],
): string | undefined {
  switch (platform) {
    case 'darwin':
      return 'osxkeychain';
    case 'win32':
      return 'wincred';
    case 'linux':
      return isProgram('pass', searchPath) ? 'pass' : 'secretservice';
    default:
      return undefined;
  }
}

function isProgram(name: string, searchPath: readonly string[]): boolean {
  return searchPath.some((directory) => {
    if (directory === '') return false;
    try {
      // synchronous: each directory of a path costs less than a turn of the event loop
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function storeRequired(serverAddress: string): OciError {
  return new OciError(
    'OCI_CREDENTIAL_STORE_REQUIRED',
    `the credential for ${serverAddress} cannot be stored: no credential helper is configured`,
    {
      hint: 'install a docker-credential helper and name it as credsStore in config.json',
      data: { serverAddress },
    },
  );
}
