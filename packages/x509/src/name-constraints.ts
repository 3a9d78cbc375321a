import { contextTag, type DerReader, quoted, TAG } from '@nv2/core';
import { malformed } from './errors.ts';
import { type GeneralName, IP_ADDRESS, readGeneralName } from './general-name.ts';
import { isDomain, isNumericHost, mailboxOf } from './name-forms.ts';

/** Name constraints of a CA, RFC 5280 4.2.1.10. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

const PERMITTED = contextTag(0, true);
const EXCLUDED = contextTag(1, true);

/**
 * Reads name constraints: one list at least, no list empty, each subtree without minimum and maximum
 * as RFC 5280 wants them, addresses with a mask of leading ones.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readNameConstraints(reader: DerReader): NameConstraints {
  const fields = reader.enter(TAG.sequence);
  const permitted = fields.enterOptional(PERMITTED);
  const excluded = fields.enterOptional(EXCLUDED);
  fields.finish();
  if (permitted === undefined && excluded === undefined) malformed('name constraints are empty');
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
}

function readSubtrees(list: DerReader | undefined): readonly GeneralName[] {
  if (list === undefined) return [];
  const subtrees: GeneralName[] = [];
  do {
    const subtree = list.enter(TAG.sequence);
    const base = readBase(subtree);
    // RFC 5280 4.2.1.10: minimum is 0, which DER leaves out, and maximum is absent.
    subtree.finish();
    subtrees.push(base);
  } while (!list.done);
  return subtrees;
}

function readBase(subtree: DerReader): GeneralName {
  const base: GeneralName =
    subtree.peek() === IP_ADDRESS
      ? { kind: 'ip', value: subtree.content(IP_ADDRESS) }
      : readGeneralName(subtree);
  if (base.kind === 'ip' && !isNetwork(base.value))
    malformed('an address of name constraints is no network with a mask');
  const isName = base.kind === 'dns' || base.kind === 'uri' || base.kind === 'email';
  if (isName && !isBound(base.value, base.kind))
    malformed(`${quoted(base.value)} of name constraints is no ${base.kind} subtree`);
  return base;
}

/** A domain, with a dot before it or not, or nothing, which stands for all; or a mailbox. */
function isBound(value: string, kind: 'dns' | 'uri' | 'email'): boolean {
  if (value === '') return true;
  if (kind === 'email' && value.includes('@')) return mailboxOf(value) !== undefined;
  const domain = value.toLowerCase().replace(/^\./, '');
  return isDomain(domain) && !(kind === 'uri' && isNumericHost(domain));
}

/** An address and a mask of equal length, the mask ones first, then zeros. */
function isNetwork(value: Uint8Array): boolean {
  if (value.length !== 8 && value.length !== 32) return false;
  let bits = '';
  for (const byte of value.subarray(value.length / 2)) bits += byte.toString(2).padStart(8, '0');
  return /^1*0*$/.test(bits);
}
