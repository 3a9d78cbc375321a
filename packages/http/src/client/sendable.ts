import { HttpError } from '../errors.ts';
import { maskUrl } from './secrets.ts';
import type { HttpRequest } from './types.ts';

/** @throws HttpError `HTTP_REQUEST_INVALID` unless the URL is http or https, without credentials */
export function assertSendable({ url }: HttpRequest): void {
  const problem =
    url.protocol !== 'http:' && url.protocol !== 'https:'
      ? 'is neither http nor https'
      : url.username !== '' || url.password !== ''
        ? 'carries a user name or password'
        : undefined;
  if (problem === undefined) return;
  throw new HttpError('HTTP_REQUEST_INVALID', `the URL ${maskUrl(url)} ${problem}`);
}
