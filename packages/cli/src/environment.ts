import { isAbsolute, join, resolve } from 'node:path';
import type { CertificateSources, ProxySettings } from '@nv2/http';
import type { NotationPaths } from '@nv2/notary';
import { CliError } from './errors.ts';
import type { ProgramName } from './table/types.ts';
import { quote } from './text/quote.ts';

/** What the environment variables say: the only place where they are read. */
export interface Environment {
  /** @throws CliError `CLI_HOME_UNKNOWN` under the name nv2 */
  readonly paths: NotationPaths;
  /** The same where it is known, for what can be done without. */
  readonly knownPaths: NotationPaths | undefined;
  /** The directories as they are without NOTATION_CONFIG. @throws as `paths` */
  readonly defaultPaths: NotationPaths;
  /** Defaults of `-u` and `-p`. */
  readonly username: string;
  readonly password: string;
  /** Whether experimental flags are on. */
  readonly experimental: boolean;
  /** Directory of docker's config.json. */
  readonly dockerConfig: string | undefined;
  readonly proxies: ProxySettings;
  readonly certificates: CertificateSources;
  /** What child processes get: everything except the user name and password. */
  readonly childEnv: Readonly<Record<string, string>>;
}

/** What {@link readEnvironment} needs to know besides the variables. */
export interface EnvironmentFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly program: ProgramName;
  readonly platform: NodeJS.Platform;
}

const SECRET_VARIABLES: ReadonlySet<string> = new Set(['NOTATION_USERNAME', 'NOTATION_PASSWORD']);

/** The environment whose child processes do not get these variables either. */
export function hidingVariables(environment: Environment, names: ReadonlySet<string>): Environment {
  if (names.size === 0) return environment;
  const kept = Object.entries(environment.childEnv).filter(([name]) => !names.has(name));
  // a copy of the properties as they are: some are read only when they are needed
  return Object.create(environment, {
    childEnv: { value: Object.fromEntries(kept), enumerable: true },
  });
}

/** Reads the variables that nv2 and notation honour. */
export function readEnvironment(facts: EnvironmentFacts): Environment {
  const { env, program } = facts;
  return {
    // read when they are needed: not every command needs them
    get paths() {
      return notationPaths(facts) ?? homeless(facts);
    },
    get knownPaths() {
      return notationPaths(facts);
    },
    get defaultPaths() {
      const defaults = { ...facts, env: { ...env, NOTATION_CONFIG: undefined } };
      return notationPaths(defaults) ?? homeless(facts);
    },
    username: env['NOTATION_USERNAME'] ?? '',
    password: env['NOTATION_PASSWORD'] ?? '',
    experimental: program === 'nv2' || env['NOTATION_EXPERIMENTAL'] === '1',
    dockerConfig: dockerConfig(facts),
    proxies: proxies(env),
    certificates: certificates(env),
    childEnv: withoutSecrets(env),
  };
}

// Under its own name nv2 does not let whoever made the current directory decide what is trusted.
function notationPaths(facts: EnvironmentFacts): NotationPaths | undefined {
  const { env, cwd, program } = facts;
  const fallback = program === 'notation' ? join(cwd, '.notation') : undefined;
  const config = absolute(env['NOTATION_CONFIG'], cwd) ?? below(userConfigDir(facts)) ?? fallback;
  if (config === undefined) return undefined;
  const libexec = absolute(env['NOTATION_LIBEXEC'], cwd) ?? config;
  const cache =
    absolute(env['NOTATION_CACHE'], cwd) ??
    below(userCacheDir(facts)) ??
    join(cwd, '.notation', 'cache');
  return { config, libexec, cache };
}

function homeless({ env }: EnvironmentFacts): never {
  const relative = nonEmpty(env['XDG_CONFIG_HOME']);
  if (relative !== undefined) {
    throw new CliError(
      'CLI_HOME_UNKNOWN',
      `the environment does not say where the configuration is: XDG_CONFIG_HOME is ${quote(relative)}, expected an absolute path`,
      { hint: 'correct XDG_CONFIG_HOME, or name the directory in NOTATION_CONFIG' },
    );
  }
  throw new CliError(
    'CLI_HOME_UNKNOWN',
    'the environment does not say where the configuration is: neither HOME nor an absolute XDG_CONFIG_HOME is set',
    { hint: 'set HOME, or name the directory in NOTATION_CONFIG' },
  );
}

function absolute(path: string | undefined, cwd: string): string | undefined {
  return path === undefined || path === '' ? undefined : resolve(cwd, path);
}

function below(directory: string | undefined): string | undefined {
  return directory === undefined ? undefined : join(directory, 'notation');
}

// The rules of Go's os.UserConfigDir and os.UserCacheDir.
function userConfigDir({ env, platform }: EnvironmentFacts): string | undefined {
  if (platform === 'win32') return nonEmpty(env['AppData'] ?? env['APPDATA']);
  if (platform === 'darwin') return inHome(env, 'Library', 'Application Support');
  return xdgDir(env, 'XDG_CONFIG_HOME', '.config');
}

function userCacheDir({ env, platform }: EnvironmentFacts): string | undefined {
  if (platform === 'win32') return nonEmpty(env['LocalAppData'] ?? env['LOCALAPPDATA']);
  if (platform === 'darwin') return inHome(env, 'Library', 'Caches');
  return xdgDir(env, 'XDG_CACHE_HOME', '.cache');
}

function xdgDir(
  env: EnvironmentFacts['env'],
  variable: string,
  fallback: string,
): string | undefined {
  const directory = nonEmpty(env[variable]);
  if (directory === undefined) return inHome(env, fallback);
  return isAbsolute(directory) ? directory : undefined;
}

function inHome(env: EnvironmentFacts['env'], ...path: readonly string[]): string | undefined {
  const home = nonEmpty(env['HOME']);
  return home === undefined ? undefined : join(home, ...path);
}

function dockerConfig({ env, platform, cwd }: EnvironmentFacts): string | undefined {
  const home = platform === 'win32' ? env['USERPROFILE'] : env['HOME'];
  const fallback = nonEmpty(home) === undefined ? undefined : join(home ?? '', '.docker');
  return absolute(env['DOCKER_CONFIG'], cwd) ?? fallback;
}

function proxies(env: EnvironmentFacts['env']): ProxySettings {
  // Go: under CGI, HTTP_PROXY is a header of the client and not a setting
  const http = env['REQUEST_METHOD'] === undefined ? either(env, 'HTTP_PROXY') : undefined;
  const https = either(env, 'HTTPS_PROXY');
  const noProxy = either(env, 'NO_PROXY');
  return {
    ...(http !== undefined && { http }),
    ...(https !== undefined && { https }),
    ...(noProxy !== undefined && { noProxy }),
  };
}

function certificates(env: EnvironmentFacts['env']): CertificateSources {
  const file = nonEmpty(env['SSL_CERT_FILE']);
  const directories = nonEmpty(env['SSL_CERT_DIR'])?.split(':');
  return { ...(file !== undefined && { file }), ...(directories !== undefined && { directories }) };
}

function either(env: EnvironmentFacts['env'], name: string): string | undefined {
  return nonEmpty(env[name]) ?? nonEmpty(env[name.toLowerCase()]);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function withoutSecrets(env: EnvironmentFacts['env']): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !SECRET_VARIABLES.has(entry[0]),
  );
  return Object.fromEntries(kept);
}
