import { CoreError, decodeUtf8, parseJson } from '@nv2/core';
import { isScalar, parseDocument, stringify, visit } from 'yaml';
import { CliError } from '../errors.ts';
import { REPEATED_KEY, repeatedKey } from './repeated-key.ts';
import { yamlProblem } from './yaml-document.ts';

/** After these nothing more changes. */
const MAX_PASSES = 3;
const WRITING = { indent: 2, lineWidth: 0 } as const;

/** The fields of policies of both formats in the order in which they are written. */
const ORDER: readonly string[] = [
  'version',
  'statements',
  'trustPolicies',
  'name',
  'scopes',
  'registryScopes',
  'repository',
  'namespace',
  'registry',
  'mirrors',
  'signatureVerification',
  'level',
  'override',
  'authenticity',
  'authenticTimestamp',
  'expiry',
  'revocation',
  'timeout',
  'softFail',
  'hosts',
  'any',
  'methods',
  'failures',
  'offline',
  'directory',
  'verifyTimestamp',
  'timestamp',
  'trustStores',
  'trustedIdentities',
  'signers',
  'stores',
  'verify',
  'identities',
  'keys',
  'require',
  'metadata',
  'maxAge',
  'platforms',
];

/** A value as YAML. */
export function yamlText(value: unknown): string {
  return stringify(value, WRITING);
}

/**
 * A policy that is known to be valid in canonical form: fields in their order, two blanks of
 * indentation, comments kept. JSON stays JSON.
 */
export function formatPolicyText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes).replace(/^\uFEFF/, '');
  if (isJson(text)) return jsonText(text);
  let formatted = sortedYaml(text);
  // a comment that came to stand first in an item of a list is read as that of the item, and written so
  for (let pass = 1; pass < MAX_PASSES; pass++) formatted = sortedYaml(formatted);
  return formatted;
}

function sortedYaml(text: string): string {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [problem] = document.errors;
  if (problem !== undefined) throw unformatted(yamlProblem(problem));
  visit(document, {
    Map: (_, map) => {
      if (repeatedKey(map) !== undefined) throw unformatted(REPEATED_KEY);
      const rank = new Map(map.items.map((pair) => [pair, rankOf(pair.key)]));
      // names of metadata are the user's own, in the user's own order
      if ([...rank.values()].includes(ORDER.length)) return;
      map.items.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
    },
  });
  return document.toString(WRITING);
}

function unformatted(problem: string): CliError {
  return new CliError('CLI_POLICY_UNFORMATTED', `the file has no canonical form: ${problem}`, {
    hint: 'write one document, and every field once',
  });
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch (error) {
    if (error instanceof CoreError) return false;
    throw error;
  }
}

function jsonText(text: string): string {
  const sorted = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value);
    if (entries.some(([key]) => !ORDER.includes(key))) return value;
    return Object.fromEntries(entries.sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b)));
  };
  return `${JSON.stringify(JSON.parse(text), sorted, 2)}\n`;
}

function rankOf(key: unknown): number {
  const index = isScalar(key) ? ORDER.indexOf(String(key.value)) : -1;
  return index < 0 ? ORDER.length : index;
}
