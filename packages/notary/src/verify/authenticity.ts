import { equalBytes, listSome, quoted } from '@nv2/core';
import { type Certificate, formatNameGo } from '@nv2/x509';
import { isUndecided } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import { matchesIdentity } from '../policy/identities.ts';
import { type RequiredSigner, trustedIdentitiesOf } from '../policy/statement.ts';
import type { IntactSignature, JudgeContext } from './context.ts';

/**
 * Step 4, "Validate Authenticity": the signers of the statement that the signature is of. A signer
 * is known by trust store and identity, by key, or by all of these.
 *
 * @returns the signers, and those of whom it could not be decided; not both are empty
 * @throws what keeps the signature from being of the signer that it comes nearest to: NotaryError
 *   `NOTARY_PLUGIN_AMONG_SIGNERS`, `NOTARY_TRUST_STORE_NONE`, `NOTARY_CHAIN_UNTRUSTED`,
 *   `NOTARY_KEY_UNTRUSTED`, `NOTARY_IDENTITY_NONE`, `NOTARY_IDENTITY_MISMATCH`; those of trust stores
 */
export async function signersOf(
  signature: IntactSignature,
  context: JudgeContext,
): Promise<KnownSigners> {
  const { signers, name } = context.statement;
  if (signature.plugin !== undefined && signers.length > 1) {
    throw new NotaryError(
      'NOTARY_PLUGIN_AMONG_SIGNERS',
      `the statement ${quoted(name)} asks for several signers, and a plugin cannot say which of them signed`,
      {
        data: { statement: name, plugin: signature.plugin.name },
        hint: 'have the artifact signed without a verification plugin',
      },
    );
  }
  const found: RequiredSigner[] = [];
  const failures: Miss[] = [];
  for (const signer of signers) {
    const miss = await missOf(signature, signer, context);
    if (miss === undefined) found.push(signer);
    else failures.push(miss);
  }
  const undecided = failures.filter(({ nearness }) => nearness === UNDECIDED);
  if (found.length + undecided.length > 0) return { signers: found, undecided };
  throw failures.toSorted((a, b) => b.nearness - a.nearness)[0]?.error ?? noSigners(context);
}

/** Whose signature it is, as far as that could be decided. */
export interface KnownSigners {
  readonly signers: readonly RequiredSigner[];
  readonly undecided: readonly UndecidedSigner[];
}

/** A signer whose signature it may be as well, and what keeps that from being decided. */
export interface UndecidedSigner {
  readonly signer: RequiredSigner;
  readonly error: unknown;
}

/** Why a signature is not of a signer, and how near it came. */
interface Miss extends UndecidedSigner {
  readonly nearness: number;
}

// that it could not be decided of one signer is not to be told as a no
const UNDECIDED = Number.POSITIVE_INFINITY;

async function missOf(
  signature: IntactSignature,
  signer: RequiredSigner,
  context: JudgeContext,
): Promise<Miss | undefined> {
  let nearness = 0;
  try {
    await checkChain(signature, signer, context);
    nearness += 1;
    checkKey(signature, signer, context);
    nearness += 1;
    // a plugin may replace the check of the identity, which is not known yet
    if (signature.plugin === undefined) checkIdentity(signature, signer, context);
    return undefined;
  } catch (error) {
    return { signer, nearness: isUndecided(error) ? UNDECIDED : nearness, error };
  }
}

/**
 * The other half of step 4 where a plugin takes part that leaves the identity to nv2.
 *
 * @throws NotaryError `NOTARY_IDENTITY_NONE`, `NOTARY_IDENTITY_MISMATCH`
 */
export function checkStatementIdentity(signature: IntactSignature, context: JudgeContext): void {
  const trustedIdentities = trustedIdentitiesOf(context.statement);
  checkIdentity(signature, { trustedIdentities }, context);
}

async function checkChain(
  { envelope }: IntactSignature,
  signer: RequiredSigner,
  { statement, anchors: anchorsIn }: JudgeContext,
): Promise<void> {
  const { scheme } = envelope.content;
  // known by key alone, which vouches for no signing time: that is what a signing authority is for
  if (signer.trustStores.length === 0 && signer.keys !== undefined && scheme === 'notary.x509') {
    return;
  }
  const { certificates } = envelope.chain;
  // the certificate chain leads to a trusted certificate present in a named store
  const type = scheme === 'notary.x509' ? 'ca' : 'signingAuthority';
  const stores = signer.trustStores.filter((store) => store.type === type);
  if (stores.length === 0) {
    throw new NotaryError(
      'NOTARY_TRUST_STORE_NONE',
      `the statement ${quoted(statement.name)} names no trust store of type ${type}, which the scheme ${scheme} needs`,
      {
        data: { statement: statement.name, type, scheme },
        hint: 'have the artifact signed by one of the signers that the statement names, in their signing scheme',
      },
    );
  }
  const anchors = await anchorsIn(stores);
  if (certificates.some((one) => anchors.some((anchor) => equalBytes(anchor.der, one.der)))) return;
  throw new NotaryError(
    'NOTARY_CHAIN_UNTRUSTED',
    'no certificate of the signing chain is in a trust store of the policy statement',
    {
      data: { statement: statement.name, root: rootSubject(certificates) },
      hint: 'compare who signed with whom the statement trusts, and have the artifact signed by one of those',
    },
  );
}

function checkKey(
  {
    signer: {
      facts: { publicKey: key },
    },
  }: IntactSignature,
  { keys, name }: RequiredSigner,
  { statement }: JudgeContext,
): void {
  if (keys === undefined || keys.has(key)) return;
  // the only signer of a statement has its name, unless it has one of its own
  const whose = name === statement.name ? '' : ` for ${quoted(name)}`;
  throw new NotaryError(
    'NOTARY_KEY_UNTRUSTED',
    `the key sha256:${key} of the signing certificate is none of those that the statement ${quoted(statement.name)} names${whose}`,
    {
      data: { statement: statement.name, signer: name, key: `sha256:${key}` },
      hint: 'check who signed, and have the artifact signed with one of the keys that are named',
    },
  );
}

function checkIdentity(
  { signer }: IntactSignature,
  { trustedIdentities }: Pick<RequiredSigner, 'trustedIdentities'>,
  { statement }: JudgeContext,
): void {
  if (matchesIdentity(signer.attributes, trustedIdentities)) return;
  const { subject } = signer.facts;
  const known = trustedIdentities.filter(({ kind }) => kind !== 'other');
  const identities = trustedIdentities.map(({ text }) => text);
  const data = { statement: statement.name, subject, identities };
  if (known.length === 0) {
    throw new NotaryError(
      'NOTARY_IDENTITY_NONE',
      `the statement ${quoted(statement.name)} has no trusted identity that nv2 can match`,
      { data, hint: 'name the signer in it by the subject of its certificate' },
    );
  }
  throw new NotaryError(
    'NOTARY_IDENTITY_MISMATCH',
    `the signing certificate of "${subject}" matches no trusted identity of the statement ${quoted(statement.name)}`,
    {
      data,
      hint: `have the artifact signed by one of the trusted identities, ${listSome(identities.map(quoted), MAX_NAMED)}, or check how they are written`,
    },
  );
}

const MAX_NAMED = 3;

function noSigners({ statement }: JudgeContext): NotaryError {
  return new NotaryError(
    'NOTARY_IDENTITY_NONE',
    `the statement ${quoted(statement.name)} names no signer`,
    { data: { statement: statement.name }, hint: 'name in it who has to sign' },
  );
}

function rootSubject(certificates: readonly Certificate[]): string | undefined {
  const root = certificates.at(-1);
  return root === undefined ? undefined : formatNameGo(root.subject);
}
