import { counted, listSome } from '@nv2/core';
import {
  CHECKS,
  formatScope,
  levelLabel,
  type NotaryError,
  type RequiredSigner,
  resolveActions,
  type Scope,
  type TrustStatement,
} from '@nv2/notary';
import { formatPlatform } from '@nv2/oci';
import type { ArtifactName } from '../artifact-reference.ts';
import { printable } from './printable.ts';

/** Which statement decides about an artifact, why, and what it asks for. */
export function explainStatementInFull(
  statement: TrustStatement,
  about: {
    readonly scope: Scope;
    readonly name: ArtifactName;
    readonly policyPath: string | undefined;
  },
): string {
  const { scope, name, policyPath } = about;
  const head = [
    `${name.scope} is decided about by the statement "${printable(statement.name)}" of ${sourceOf(policyPath)},`,
    `because its scope ${formatScope(scope)} is the most specific one that covers it.`,
  ];
  if (statement.signatureVerification.level === 'skip') {
    return [...head, 'It asks for no signature: everything is let through.'].join('\n');
  }
  return [...head, '', ...asks(statement), ...checks(statement), ...revocation(statement)].join(
    '\n',
  );
}

const MAX_NAMED = 10;

/** That no statement decides about an artifact, and which there are. */
export function explainNoStatement(
  { hint }: NotaryError,
  about: {
    readonly name: ArtifactName;
    readonly policyPath: string | undefined;
    readonly statements: readonly TrustStatement[];
  },
): string {
  const { name, policyPath, statements } = about;
  const names = statements.map((one) => `"${printable(one.name)}"`);
  return [
    `${name.scope} is refused, whatever is signed: no statement of ${sourceOf(policyPath)} covers it.`,
    `Its statements are: ${listSome(names, MAX_NAMED)}`,
    ...(hint === undefined ? [] : [`hint: ${printable(hint)}`]),
  ].join('\n');
}

function sourceOf(policyPath: string | undefined): string {
  return policyPath === undefined ? 'the command line' : printable(policyPath);
}

function asks(statement: TrustStatement): readonly string[] {
  const { signers, threshold, timestampStores, demands, platforms } = statement;
  const [only, ...others] = signers;
  const lines =
    only !== undefined && others.length === 0
      ? [`It asks for a signature of ${signer(only)}`]
      : [
          `It asks for signatures of ${threshold} of these ${signers.length}, each with a key of its own:`,
          ...signers.map((one) => `  - ${signer(one)}`),
        ];
  if (timestampStores.length > 0) {
    const stores = timestampStores.map(({ name }) => `tsa:${name}`).join(', ');
    lines.push(`Timestamps count that lead to ${stores}`);
  }
  for (const [key, value] of demands?.metadata ?? []) {
    lines.push(`The metadata ${printable(key)}=${printable(value)} must be signed`);
  }
  if (demands?.maxAgeSeconds !== undefined) {
    lines.push(`A signature must not be older than ${counted(demands.maxAgeSeconds, 'second')}`);
  }
  if (platforms !== undefined) {
    lines.push(`It must be an index with ${platforms.map(formatPlatform).join(', ')}`);
  }
  return lines;
}

function signer({ name, trustStores, trustedIdentities, keys }: RequiredSigner): string {
  const by: string[] = [];
  if (trustStores.length > 0) {
    by.push(`a chain to ${trustStores.map((store) => `${store.type}:${store.name}`).join(' or ')}`);
    by.push(`the identity ${trustedIdentities.map(({ text }) => printable(text)).join(' or ')}`);
  }
  if (keys !== undefined)
    by.push(`the key ${[...keys].map((key) => `sha256:${key}`).join(' or ')}`);
  return `"${printable(name)}", known by ${by.join(' and ')}`;
}

function checks({ signatureVerification }: TrustStatement): readonly string[] {
  const actions = resolveActions(signatureVerification);
  return [
    `Checks at the level ${levelLabel(signatureVerification)}:`,
    ...CHECKS.map((check) => `  ${check}: ${actions[check]}`),
  ];
}

// How whether certificates were revoked is found out, where the statement says so.
function revocation({ revocation: tuning }: TrustStatement): readonly string[] {
  if (tuning === undefined) return [];
  const { timeoutSeconds, softFail = [], offline } = tuning;
  const lines = softFail.map(({ hosts, methods, failures }) => {
    const whose = hosts === 'any' ? 'every host' : [...hosts].join(', ');
    return `A certificate of which nothing is known is let pass if ${[...methods].join(' and ')} of ${whose} fails: ${[...failures].join(', ')}`;
  });
  if (timeoutSeconds !== undefined) {
    lines.unshift(`A question about revocation takes ${counted(timeoutSeconds, 'second')} at most`);
  }
  if (offline !== undefined) {
    lines.push(
      `Revocation is answered by ${printable(offline.directory)} alone, by answers of at most ${counted(offline.maxAgeSeconds, 'second')}`,
    );
  }
  return lines;
}
