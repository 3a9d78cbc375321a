import { createHttpClient, nodeTransport } from '@nv2/http';
import {
  type ArtifactTarget,
  describeContent,
  MEDIA_TYPE,
  openLayout,
  openRepository,
  parseReference,
} from '@nv2/oci';
import type { ScriptCommand } from '@nv2/testkit';

/**
 * `push REFERENCE NAME` pushes a small image whose content is NAME, and sets the value NAME to its
 * digest; `push --layout PATH TAG NAME` does so in an image layout.
 */
export function pushCommand(values: Map<string, string>): ScriptCommand {
  return async ({ args }) => {
    const isLayout = args[0] === '--layout';
    const [where = '', ...rest] = isLayout ? args.slice(1) : args;
    const name = rest.at(-1) ?? '';
    const transport = nodeTransport({});
    try {
      const reference = isLayout ? undefined : parseReference(where);
      const client = createHttpClient({ transport, userAgent: 'nv2-test' });
      const target =
        reference === undefined
          ? await openLayout(where, { create: true })
          : openRepository(reference, { client });
      const tag = reference === undefined ? (rest[0] ?? '') : (reference.tag ?? '');
      values.set(name, await pushImage(target, { tag, content: name }));
    } finally {
      transport.close();
    }
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}

async function pushImage(
  target: ArtifactTarget,
  { tag, content }: { readonly tag: string; readonly content: string },
): Promise<string> {
  const layerBytes = new TextEncoder().encode(content);
  const configBytes = new TextEncoder().encode('{}');
  const layer = describeContent(layerBytes, 'application/vnd.oci.image.layer.v1.tar');
  const config = describeContent(configBytes, 'application/vnd.oci.image.config.v1+json');
  await target.pushBlob(layerBytes, layer);
  await target.pushBlob(configBytes, config);
  const manifest = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.imageManifest,
      config,
      layers: [layer],
    }),
  );
  const descriptor = describeContent(manifest, MEDIA_TYPE.imageManifest);
  await target.pushManifest(manifest, descriptor, { tag });
  return descriptor.digest;
}
