import { type HttpClient, maskUrl } from '@nv2/http';
import { NotaryError } from '../errors.ts';
import { MAX_PLUGIN_BYTES, pluginTooLarge } from './archive/archive-error.ts';
import { writeStreamed } from './archive/write-streamed.ts';

/** A download may take ten minutes in all. */
export const PLUGIN_DOWNLOAD_TIMEOUT_MS: number = 10 * 60 * 1000;

/** How {@link downloadPlugin} downloads. */
export interface DownloadPluginOptions {
  readonly client: HttpClient;
  /** The file to write; it must not exist. */
  readonly path: string;
  readonly signal?: AbortSignal;
}

/**
 * Downloads what a plugin is installed from, of less than 256 MiB. Redirects are followed to https
 * only. What was got is not trusted: give {@link installPlugin} its checksum. The file may be run, in
 * case it is a plugin's executable itself.
 *
 * @throws NotaryError `NOTARY_PLUGIN_URL_INVALID`, `NOTARY_PLUGIN_DOWNLOAD_FAILED`,
 *   `NOTARY_PLUGIN_TOO_LARGE`; HttpError; what the file system throws
 */
export async function downloadPlugin(url: string, options: DownloadPluginOptions): Promise<void> {
  const { client, path, signal } = options;
  const response = await client.send(
    { method: 'GET', url: httpsUrl(url), headers: { accept: '*/*' } },
    {
      maxBytes: MAX_PLUGIN_BYTES,
      timeouts: { totalMs: PLUGIN_DOWNLOAD_TIMEOUT_MS },
      ...(signal && { signal }),
    },
  );
  if (response.status !== 200) {
    await response.discard();
    const at = maskUrl(response.url);
    throw new NotaryError(
      'NOTARY_PLUGIN_DOWNLOAD_FAILED',
      `GET ${JSON.stringify(at)}: https response bad status: ${response.status}`,
      { data: { url: at, status: response.status }, hint: 'check the address' },
    );
  }
  await writeStreamed(path, counted(response.body), { mode: 0o700 });
}

async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size >= MAX_PLUGIN_BYTES) throw pluginTooLarge('file size');
    yield chunk;
  }
}

function httpsUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  const problem =
    scheme === 'https'
      ? 'expected a URL with a host and without a user name'
      : `only the HTTPS scheme is supported, but got ${scheme}`;
  throw new NotaryError('NOTARY_PLUGIN_URL_INVALID', problem, {
    data: { scheme },
    hint: 'give the https:// address that the maker of the plugin publishes',
  });
}
