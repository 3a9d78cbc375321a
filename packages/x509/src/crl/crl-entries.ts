import { DerReader, TAG } from '@nv2/core';
import { CRL_ENTRY_EXTENSION } from '../oids.ts';
import { decodeClock, decodeTime } from '../time.ts';
import { crlInvalid } from './crl-invalid.ts';
import { DerCursor } from './der-cursor.ts';
import { REVOCATION_REASONS, type RevocationReason } from './finding.ts';

/** What a CRL says about one certificate, RFC 5280 5.3. Times in milliseconds since the epoch. */
export interface CrlEntry {
  readonly revokedAt: number;
  readonly reason: RevocationReason;
  /** Since when the key must be taken for compromised, if that is said. */
  readonly invalidityDate?: number;
}

/** What the entries of a CRL are like, all of them. */
export interface CrlEntriesSummary {
  readonly entryCount: number;
  /**
   * Dotted identifier of a critical extension of any entry that is not understood. RFC 5280 5.3: such
   * a CRL tells nothing about any certificate.
   */
  readonly unsupportedEntryExtension?: string;
}

/**
 * Reads through `revokedCertificates` (its content octets), each entry well-formed with everything
 * that is known of it. Takes time in proportion to the octets and keeps nothing.
 * @throws X509Error `X509_CRL_INVALID`, `X509_CERTIFICATE_INVALID` (times)
 */
export function summarizeCrlEntries(revokedCertificates: Uint8Array): CrlEntriesSummary {
  const entries = new EntryWalker(revokedCertificates);
  let entryCount = 0;
  while (entries.next()) entryCount++;
  const { unsupported } = entries;
  return unsupported === ''
    ? { entryCount }
    : { entryCount, unsupportedEntryExtension: unsupported };
}

/**
 * The entries for one serial number in the order of the list, of octets that were read through
 * before. There can be several, see RFC 5280 5.2.4.
 */
export function findEntries(
  revokedCertificates: Uint8Array,
  serialNumber: Uint8Array,
): readonly CrlEntry[] {
  const cursor = new DerCursor(revokedCertificates);
  const found: CrlEntry[] = [];
  while (cursor.position < revokedCertificates.length) {
    const entryStart = cursor.position;
    cursor.next(TAG.sequence, revokedCertificates.length);
    const entryEnd = cursor.end;
    cursor.position = cursor.start;
    cursor.next(TAG.integer, entryEnd);
    if (isNumber(cursor, serialNumber)) {
      const entry = new EntryWalker(revokedCertificates.subarray(entryStart, entryEnd));
      entry.next();
      found.push(entry.current());
    }
    cursor.position = entryEnd;
  }
  return found;
}

/** Whether the INTEGER stepped over last has this magnitude. */
function isNumber({ bytes, start, end }: DerCursor, magnitude: Uint8Array): boolean {
  const first = bytes[start] === 0 && end - start > 1 ? start + 1 : start;
  // A leading one bit makes it negative (X.690 8.3.3): no certificate's number.
  if (end - first !== magnitude.length || (first === start && (bytes[start] ?? 0) >= 0x80))
    return false;
  // The ends of numbers differ more often than their beginnings.
  for (let i = magnitude.length - 1; i >= 0; i--)
    if (bytes[first + i] !== magnitude[i]) return false;
  return true;
}

const REASON = 1;
const INVALIDITY = 2;
const ISSUER = 4;

const lastArc = (oid: string): number => Number(oid.slice(oid.lastIndexOf('.') + 1));
const REASON_ARC = lastArc(CRL_ENTRY_EXTENSION.reasonCode);
const INVALIDITY_ARC = lastArc(CRL_ENTRY_EXTENSION.invalidityDate);
const ISSUER_ARC = lastArc(CRL_ENTRY_EXTENSION.certificateIssuer);

/** Steps from entry to entry; its fields are those of the last one. */
class EntryWalker {
  /** The first critical extension that is not understood, of all entries so far. */
  unsupported = '';
  readonly #cursor: DerCursor;
  #revokedAt = 0;
  #reasonCode = 0;
  #invalidityDate = 0;
  /** Which of the known extensions the entry has. */
  #present = 0;

  constructor(revokedCertificates: Uint8Array) {
    this.#cursor = new DerCursor(revokedCertificates);
  }

  current(): CrlEntry {
    const reason = REVOCATION_REASONS.get(this.#reasonCode) ?? 'unrecognized';
    const entry = { revokedAt: this.#revokedAt, reason };
    return this.#present & INVALIDITY ? { ...entry, invalidityDate: this.#invalidityDate } : entry;
  }

  /** RFC 5280 5.1.2.6. Serial numbers may be any INTEGER; odd ones are no certificate's. */
  next(): boolean {
    const cursor = this.#cursor;
    const { length } = cursor.bytes;
    if (cursor.position >= length) return false;
    this.#present = 0;
    this.#reasonCode = 0;
    cursor.next(TAG.sequence, length);
    const { end } = cursor;
    cursor.position = cursor.start;
    cursor.next(TAG.integer, end);
    assertMinimal(cursor);
    const timeTag = cursor.peek(end) === TAG.generalizedTime ? TAG.generalizedTime : TAG.utcTime;
    cursor.next(timeTag, end);
    this.#revokedAt = decodeTime(cursor, timeTag);
    if (cursor.position < end) this.#extensions(end);
    return true;
  }

  #extensions(entryEnd: number): void {
    const cursor = this.#cursor;
    cursor.next(TAG.sequence, entryEnd);
    const { end } = cursor;
    if (end !== entryEnd) crlInvalid('an entry has trailing bytes');
    cursor.position = cursor.start;
    do this.#extension(end);
    while (cursor.position < end);
  }

  /** RFC 5280 4.1.2.9: SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING } */
  #extension(listEnd: number): void {
    const cursor = this.#cursor;
    cursor.next(TAG.sequence, listEnd);
    const { end } = cursor;
    const oid = cursor.start;
    cursor.position = oid;
    cursor.next(TAG.oid, end);
    const known = knownExtension(cursor);
    const critical = cursor.peek(end) === TAG.boolean && this.#boolean(end);
    cursor.next(TAG.octetString, end);
    const next = cursor.position;
    if (next !== end) crlInvalid('an extension of an entry has trailing bytes');
    if (known !== 0) this.#decode(known);
    // RFC 5280 5.3.3: an indirect CRL, of which the following entries are about another issuer.
    const understood = known === REASON || known === INVALIDITY;
    if (known === ISSUER || (critical && !understood)) this.#refuse(oid);
    cursor.position = next;
  }

  #boolean(end: number): boolean {
    const cursor = this.#cursor;
    cursor.next(TAG.boolean, end);
    const value = cursor.bytes[cursor.start];
    if (cursor.end - cursor.start !== 1 || (value !== 0 && value !== 0xff))
      crlInvalid('bad BOOLEAN in an entry');
    return value === 0xff;
  }

  /** The value of a known extension; the cursor has just stepped over its OCTET STRING. */
  #decode(known: number): void {
    if (this.#present & known) crlInvalid('an entry has an extension twice');
    this.#present |= known;
    if (known === ISSUER) return;
    const cursor = this.#cursor;
    const { end } = cursor;
    cursor.position = cursor.start;
    cursor.next(known === REASON ? TAG.enumerated : TAG.generalizedTime, end);
    if (cursor.end !== end) crlInvalid('an extension of an entry has trailing bytes');
    if (known === INVALIDITY) {
      this.#invalidityDate = decodeClock(cursor, 4);
      return;
    }
    this.#reasonCode = cursor.bytes[cursor.start] ?? 0x80;
    if (end - cursor.start !== 1 || this.#reasonCode >= 0x80) crlInvalid('bad reason code');
  }

  #refuse(oid: number): void {
    if (this.unsupported !== '') return;
    this.unsupported = new DerReader(this.#cursor.bytes, oid).oid();
  }
}

/** Which extension of entries an OBJECT IDENTIFIER names, 0 for none that is known. */
function knownExtension({ bytes, start, end }: DerCursor): number {
  // All are arcs of id-ce, 2.5.29, which is 55 1d.
  if (end - start !== 3 || bytes[start] !== 0x55 || bytes[start + 1] !== 0x1d) return 0;
  const arc = bytes[start + 2];
  if (arc === REASON_ARC) return REASON;
  if (arc === INVALIDITY_ARC) return INVALIDITY;
  return arc === ISSUER_ARC ? ISSUER : 0;
}

function assertMinimal({ bytes, start, end }: DerCursor): void {
  const first = bytes[start] ?? 0;
  if (end === start) crlInvalid('empty INTEGER in an entry');
  if (
    end - start > 1 &&
    (first === 0 || first === 0xff) &&
    first >> 7 === (bytes[start + 1] ?? 0) >> 7
  )
    crlInvalid('non-minimal INTEGER in an entry');
}
