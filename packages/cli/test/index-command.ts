import { createHttpClient, nodeTransport } from '@nv2/http';
import {
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  openRepository,
  parsePlatform,
  parseReference,
} from '@nv2/oci';
import type { ScriptCommand } from '@nv2/testkit';

/**
 * `push-index REFERENCE NAME PLATFORM=IMAGE...` pushes an index of images that were pushed to the
 * repository, and sets the value NAME to its digest.
 */
export function pushIndexCommand(values: Map<string, string>): ScriptCommand {
  return async ({ args: [where = '', name = '', ...images] }) => {
    const transport = nodeTransport({});
    try {
      const reference = parseReference(where);
      const client = createHttpClient({ transport, userAgent: 'nv2-test' });
      const target = openRepository(reference, { client });
      const manifests = await Promise.all(
        images.map(async (image) => {
          const [platform = '', named = ''] = image.split('=');
          const descriptor = await target.resolve(values.get(named) ?? '');
          const parsed = parsePlatform(platform);
          return { ...descriptor, ...(parsed && { platform: parsed }) };
        }),
      );
      const mediaType = MEDIA_TYPE.imageIndex;
      const bytes = encodeManifest({ kind: 'index', mediaType, manifests });
      const descriptor = describeContent(bytes, mediaType);
      const { tag } = reference;
      await target.pushManifest(bytes, descriptor, tag === undefined ? {} : { tag });
      values.set(name, descriptor.digest);
    } finally {
      transport.close();
    }
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}
