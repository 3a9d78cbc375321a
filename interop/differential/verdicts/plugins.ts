// Verification plugins: executables of a few lines of shell, one for each way to answer.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExtendedAttribute } from '@nv2/envelope';
import { CAPABILITY } from '@nv2/notary';

const IDENTITY = CAPABILITY.trustedIdentity;
const REVOCATION = CAPABILITY.revocationCheck;

/** A plugin, and the signature that asks for it. */
interface TestPlugin {
  /** Absent: there is no such plugin. */
  readonly capabilities?: readonly string[];
  /** The signature does not say that it needs one. */
  readonly unnamed?: true;
  /** What it refuses; everything else that it is asked for, it accepts. */
  readonly refuses?: readonly string[];
  readonly answer?: 'fails' | 'nonsense' | 'nothing' | 'more than asked';
  readonly minVersion?: string;
  /** The signature has an attribute more, critical unless it is a remark. */
  readonly attribute?: 'processed' | 'left' | 'remark';
}

const BOTH = [IDENTITY, REVOCATION];
const ATTRIBUTE = 'com.example.critical';

/** By name; `none` is no plugin at all. */
export const PLUGINS: Readonly<Record<string, TestPlugin | undefined>> = {
  none: undefined,
  'says yes': { capabilities: BOTH },
  'refuses the identity': { capabilities: BOTH, refuses: [IDENTITY] },
  'refuses the revocation state': { capabilities: BOTH, refuses: [REVOCATION] },
  'is for the identity': { capabilities: [IDENTITY] },
  'is for the identity and refuses': { capabilities: [IDENTITY], refuses: [IDENTITY] },
  'is for revocation': { capabilities: [REVOCATION] },
  'is for revocation and refuses': { capabilities: [REVOCATION], refuses: [REVOCATION] },
  fails: { capabilities: BOTH, answer: 'fails' },
  'talks nonsense': { capabilities: BOTH, answer: 'nonsense' },
  'answers nothing': { capabilities: BOTH, answer: 'nothing' },
  'answers more than asked': { capabilities: [IDENTITY], answer: 'more than asked' },
  'is too old': { capabilities: BOTH, minVersion: '2.0.0' },
  'is new enough': { capabilities: BOTH, minVersion: '1.0.0' },
  'cannot verify': { capabilities: [CAPABILITY.rawSignature] },
  'is missing': {},
  'processes an attribute': { capabilities: BOTH, attribute: 'processed' },
  'leaves an attribute': { capabilities: BOTH, attribute: 'left' },
  'is for revocation and leaves an attribute': { capabilities: [REVOCATION], attribute: 'left' },
  'leaves a remark': { capabilities: BOTH, attribute: 'remark' },
  'is not named, for an attribute': { unnamed: true, attribute: 'left' },
};

/** The attributes by which a signature asks for the plugin. */
export function attributesFor(plugin: string): readonly ExtendedAttribute[] {
  const found = PLUGINS[plugin];
  if (found === undefined) return [];
  const { minVersion, attribute, unnamed } = found;
  const name = 'io.cncf.notary.verificationPlugin';
  const all: readonly (readonly [string, string | undefined])[] = [
    [name, unnamed ? undefined : idOf(plugin)],
    [`${name}MinVersion`, minVersion],
    [ATTRIBUTE, attribute],
  ];
  return all.flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value, critical: value !== 'remark' }],
  );
}

/** Writes all plugins, as both sides look for them: `<dir>/<name>/notation-<name>`. */
export async function writePlugins(dir: string): Promise<void> {
  for (const [name, plugin] of Object.entries(PLUGINS)) {
    if (plugin?.capabilities === undefined) continue;
    const id = idOf(name);
    await mkdir(join(dir, id), { recursive: true });
    const path = join(dir, id, `notation-${id}`);
    await writeFile(path, script(id, plugin));
    await chmod(path, 0o755);
  }
}

function idOf(name: string): string {
  return name.replace(/\W+/g, '-');
}

function script(id: string, plugin: TestPlugin): string {
  const metadata = {
    name: id,
    description: 'a plugin for tests',
    version: '1.0.0',
    url: 'https://plugins.example/',
    supportedContractVersions: ['1.0'],
    capabilities: plugin.capabilities,
  };
  return `#!/bin/sh
request=$(cat)
case $1 in
get-plugin-metadata) echo '${JSON.stringify(metadata)}' ;;
verify-signature)
${answerOf(plugin)}
;;
*) exit 1 ;;
esac
`;
}

function answerOf(plugin: TestPlugin): string {
  switch (plugin.answer) {
    case 'fails':
      return `echo '{"errorCode":"ERROR","errorMessage":"no"}' >&2; exit 1`;
    case 'nonsense':
      return 'echo nonsense';
    case 'nothing':
      return `echo '${response({}, [])}'`;
    case 'more than asked':
      return `echo '${response({ [IDENTITY]: { success: true }, [REVOCATION]: { success: true } }, [])}'`;
    default:
      return `case $request in
*${IDENTITY}*${REVOCATION}*|*${REVOCATION}*${IDENTITY}*) echo '${verdicts(plugin, BOTH)}' ;;
*${IDENTITY}*) echo '${verdicts(plugin, [IDENTITY])}' ;;
*) echo '${verdicts(plugin, [REVOCATION])}' ;;
esac`;
  }
}

function verdicts({ refuses = [], attribute }: TestPlugin, asked: readonly string[]): string {
  const results = asked.map((capability) => {
    const success = !refuses.includes(capability);
    return [capability, { success, ...(success ? {} : { reason: 'for a reason' }) }];
  });
  return response(Object.fromEntries(results), attribute === 'processed' ? [ATTRIBUTE] : []);
}

function response(verificationResults: object, processedAttributes: readonly string[]): string {
  return JSON.stringify({ verificationResults, processedAttributes });
}
