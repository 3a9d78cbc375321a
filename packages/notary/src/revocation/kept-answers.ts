import { DerReader, decodePem, encodeHex, TAG } from '@nv2/core';
import {
  type Certificate,
  type CertificateRevocationList,
  formatNameGo,
  type OcspResponse,
  parseCrl,
  parseOcspResponse,
} from '@nv2/x509';
import { NotaryError } from '../errors.ts';

/** A directory with more answers than these is refused. */
export const MAX_OFFLINE_ANSWERS = 10_000;

/** An answer, and the path of the file that it is from. */
export interface KeptAnswer<T> {
  readonly file: string;
  readonly answer: T;
}

/** What is in the files of a directory, to be found by what it says of itself; nothing is verified. */
export class KeptAnswers {
  readonly #lists = new Map<string, KeptAnswer<CertificateRevocationList>[]>();
  readonly #responses = new Map<string, KeptAnswer<OcspResponse>[]>();
  #count = 0;

  /**
   * Adds the answers of a file, DER or PEM, at least one: CRLs (`X509 CRL`) and successful OCSP
   * responses (`OCSP RESPONSE`).
   * @throws Nv2Error of several packages, which says what is wrong with the file
   */
  add(file: string, bytes: Uint8Array): void {
    const answers = read(bytes);
    if (answers.length === 0) throw unusable('it holds neither a CRL nor an OCSP response');
    for (const answer of answers) {
      this.#count += 1;
      if (this.#count > MAX_OFFLINE_ANSWERS) {
        throw unusable(`there are more than ${MAX_OFFLINE_ANSWERS} answers up to here`);
      }
      if ('tbs' in answer) push(this.#lists, formatNameGo(answer.issuer), { file, answer });
      else for (const serial of serialsOf(answer)) push(this.#responses, serial, { file, answer });
    }
  }

  /** How many answers there are. */
  get count(): number {
    return this.#count;
  }

  /** CRLs in the name of an issuer, however it is encoded. */
  listsOf({ subject }: Certificate): readonly KeptAnswer<CertificateRevocationList>[] {
    return this.#lists.get(formatNameGo(subject)) ?? [];
  }

  /** OCSP responses about a certificate of that serial number, whoever issued it. */
  responsesAbout({ serialNumber }: Certificate): readonly KeptAnswer<OcspResponse>[] {
    return this.#responses.get(encodeHex(serialNumber)) ?? [];
  }
}

type Answer = CertificateRevocationList | OcspResponse;

function read(bytes: Uint8Array): readonly Answer[] {
  // as DER of either begins; the text before a PEM block must not
  if (bytes[0] === TAG.sequence) return [readDer(bytes)];
  const blocks = decodePem(bytes, { maxBlocks: MAX_OFFLINE_ANSWERS, explanatoryText: false });
  return blocks.map(({ label, der }) => {
    if (label === 'X509 CRL') return parseCrl(der);
    if (label === 'OCSP RESPONSE') return readResponse(der);
    throw unusable(`expected blocks X509 CRL and OCSP RESPONSE, got ${label}`);
  });
}

// RFC 5280 5.1 begins with the SEQUENCE that is signed, RFC 6960 4.2.1 with an ENUMERATED.
function readDer(der: Uint8Array): Answer {
  const first = new DerReader(der).enter(TAG.sequence).peek();
  return first === TAG.enumerated ? readResponse(der) : parseCrl(der);
}

function readResponse(der: Uint8Array): OcspResponse {
  const response = parseOcspResponse(der);
  if (response.basic !== undefined) return response;
  throw unusable(`the OCSP response says ${response.status} and nothing else`);
}

function serialsOf({ basic }: OcspResponse): ReadonlySet<string> {
  return new Set(basic?.responses.map(({ certId }) => encodeHex(certId.serialNumber)));
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

function unusable(problem: string): NotaryError {
  return new NotaryError('NOTARY_REVOCATION_OFFLINE_UNREADABLE', problem);
}
