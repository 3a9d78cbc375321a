import { type JsonValue, Nv2Error, parseJson } from '@nv2/core';
import { type HttpResponse, maskUrl, readBody } from '@nv2/http';
import { OciError, type OciErrorCode } from '../errors.ts';
import type { RegistryRequest } from './session.ts';

/** One error as a registry reports it. Texts are the registry's own, control characters removed. */
export interface RegistryErrorItem {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

/** The `data` of every error made from a registry's answer. */
export interface RegistryErrorData {
  readonly method: string;
  readonly url: string;
  /** What was asked for, if it has a name: a reference or a digest. */
  readonly named?: string;
  readonly status: number;
  readonly errors: readonly RegistryErrorItem[];
}

const MAX_ERROR_BYTES = 8 * 1024;
const MAX_ERRORS = 16;
const MAX_TEXT_LENGTH = 1024;
const NETWORK_ERRORS_TO_IGNORE = /^HTTP_(?:BODY_|RESPONSE_)/;

const HINTS: Readonly<Partial<Record<OciErrorCode, string>>> = {
  OCI_UNAUTHORIZED: 'log in to the registry with credentials that it accepts',
  OCI_FORBIDDEN: 'ask the operator of the registry for access to the repository',
  OCI_NOT_FOUND: 'check the spelling of repository, tag and digest',
  OCI_RATE_LIMITED: 'wait and try again; logging in often raises the limit',
  OCI_REGISTRY_UNAVAILABLE: 'try again later; if it persists, tell the operator of the registry',
};

const MAYBE_TLS_HINT =
  'servers that speak TLS answer so: if this one does, reach it by TLS (--insecure-registry=false)';

function hintFor(
  code: OciErrorCode,
  { status, url, errors }: RegistryErrorData,
): string | undefined {
  if (status === 400 && errors.length === 0 && url.startsWith('http:')) return MAYBE_TLS_HINT;
  return HINTS[code];
}

/**
 * The error that an unsuccessful answer means. Reads at most 8 KiB of the body; a body that is no
 * list of errors is passed over.
 */
export async function registryError(
  response: HttpResponse,
  method: string,
  { named }: Pick<RegistryRequest, 'named'> = {},
): Promise<OciError> {
  const { status, url } = response;
  const code = codeOf(status);
  const errors = await readErrors(response);
  const data: RegistryErrorData = {
    method,
    url: maskUrl(url),
    ...(named && { named }),
    status,
    errors,
  };
  const reason = errors.length > 0 ? errors.map(describe).join('; ') : reasonPhrase(status);
  return new OciError(
    code,
    `${method} ${JSON.stringify(data.url)}: response status code ${status}: ${reason ?? 'unknown'}`,
    {
      hint: hintFor(code, data),
      data: { ...data, retryAfter: response.headers.get('retry-after') },
    },
  );
}

/** Whether an error reports this code of distribution-spec 1.1.1, "Error Codes". */
export function hasRegistryCode(error: OciError, code: string): boolean {
  const { errors } = error.data;
  return Array.isArray(errors) && errors.some((item: RegistryErrorItem) => item.code === code);
}

/** The error for a deletion that a registry rejects because it deletes nothing; others as they are. */
export function deletionError(error: unknown): unknown {
  if (!(error instanceof OciError) || error.code !== 'OCI_REQUEST_REJECTED') return error;
  // distribution-spec 1.1.1, "Content Management": 400 or 405 where deletion is disabled
  if (error.data['status'] !== 405 && !hasRegistryCode(error, 'UNSUPPORTED')) return error;
  return new OciError(
    'OCI_DELETION_UNSUPPORTED',
    `this registry does not let manifests be deleted: ${error.message}`,
    {
      hint: '"nv2 registry probe --write" tells what a registry allows; ask its operator to allow deletion, or to delete it',
      cause: error,
      data: error.data,
    },
  );
}

/** The error for an answer that breaks the specification. The body is discarded. */
export async function invalidResponse(
  response: HttpResponse,
  method: string,
  problem: string,
): Promise<OciError> {
  await response.discard();
  const url = maskUrl(response.url);
  return new OciError('OCI_RESPONSE_INVALID', `${method} ${JSON.stringify(url)}: ${problem}`, {
    hint: 'the host is not an OCI registry, or a proxy before it changes its answers',
    data: { method, url, status: response.status, problem },
  });
}

// node:http is loaded when a registry says no more than a number: few commands need it otherwise
function reasonPhrase(status: number): string | undefined {
  return process.getBuiltinModule('node:http').STATUS_CODES[status];
}

function codeOf(status: number): OciErrorCode {
  switch (status) {
    case 401:
      return 'OCI_UNAUTHORIZED';
    case 403:
      return 'OCI_FORBIDDEN';
    case 404:
      return 'OCI_NOT_FOUND';
    case 429:
      return 'OCI_RATE_LIMITED';
    default:
      if (status >= 500) return 'OCI_REGISTRY_UNAVAILABLE';
      return status >= 400 ? 'OCI_REQUEST_REJECTED' : 'OCI_RESPONSE_INVALID';
  }
}

function describe({ code, message, detail }: RegistryErrorItem): string {
  const name = code.toLowerCase().replaceAll('_', ' ');
  if (message === '') return name;
  return detail === undefined || detail === null
    ? `${name}: ${message}`
    : `${name}: ${message}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`;
}

async function readErrors(response: HttpResponse): Promise<readonly RegistryErrorItem[]> {
  try {
    const body = await readBody(response, { maxBytes: MAX_ERROR_BYTES });
    const document = parseJson(body, { maxBytes: MAX_ERROR_BYTES, maxDepth: 16 });
    const list = document instanceof Map ? document.get('errors') : undefined;
    return Array.isArray(list) ? list.slice(0, MAX_ERRORS).flatMap(readItem) : [];
  } catch (error) {
    if (error instanceof Nv2Error && !isTimeoutOrAbort(error)) return [];
    throw error;
  }
}

function isTimeoutOrAbort(error: Nv2Error): boolean {
  return error.code.startsWith('HTTP_') && !NETWORK_ERRORS_TO_IGNORE.test(error.code);
}

function readItem(value: JsonValue): readonly RegistryErrorItem[] {
  if (!(value instanceof Map)) return [];
  const detail: unknown = value.has('detail') ? plain(value.get('detail') ?? null) : undefined;
  const item = { code: text(value.get('code')), message: text(value.get('message')) };
  if (item.code === '' && item.message === '') return [];
  return [detail === undefined || detail === null ? item : { ...item, detail }];
}

function text(value: unknown): string {
  if (typeof value !== 'string') return '';
  // what a host sends must not steer the terminal that it is shown on
  return value.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_TEXT_LENGTH);
}

function plain(value: JsonValue): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item: JsonValue) => plain(item));
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([key, item]) => [text(key), plain(item)]));
  }
  return value;
}
