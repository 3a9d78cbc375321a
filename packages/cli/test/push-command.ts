import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHttpClient, type HttpClient, nodeTransport } from '@nv2/http';
import {
  type ArtifactTarget,
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  openLayout,
  openRepository,
  parseReference,
} from '@nv2/oci';
import type { ScriptCommand } from '@nv2/testkit';

/**
 * `push REFERENCE NAME` pushes a small image whose content is NAME, and sets the value NAME to its
 * digest; `push --layout PATH TAG NAME` does so in an image layout. `push --signature REFERENCE NAME
 * FILE...` pushes a signature of the image whose envelopes are the files in `dir`, whatever they hold.
 */
export function pushCommand(values: Map<string, string>, dir: string): ScriptCommand {
  return async ({ args }) => {
    const transport = nodeTransport({});
    try {
      const client = createHttpClient({ transport, userAgent: 'nv2-test' });
      const [name, digest] = await push(args, { client, dir });
      values.set(name, digest);
    } finally {
      transport.close();
    }
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}

async function push(
  args: readonly string[],
  { client, dir }: { readonly client: HttpClient; readonly dir: string },
): Promise<readonly [name: string, digest: string]> {
  if (args[0] === '--layout') {
    const [, where = '', tag = '', name = ''] = args;
    const target = await openLayout(where, { create: true });
    return [name, await pushImage(target, { tag, content: name })];
  }
  const isSignature = args[0] === '--signature';
  const [where = '', name = '', ...files] = isSignature ? args.slice(1) : args;
  const reference = parseReference(where);
  const target = openRepository(reference, { client });
  if (!isSignature) {
    return [name, await pushImage(target, { tag: reference.tag ?? '', content: name })];
  }
  const envelopes = await Promise.all(files.map((file) => readFile(join(dir, file))));
  return [name, await pushSignature(target, { version: reference.digest ?? '', envelopes })];
}

async function pushSignature(
  target: ArtifactTarget,
  { version, envelopes }: { readonly version: string; readonly envelopes: readonly Uint8Array[] },
): Promise<string> {
  const subject = await target.resolve(version);
  const layers = envelopes.map((bytes) => describeContent(bytes, 'application/jose+json'));
  const empty = new TextEncoder().encode('{}');
  const config = describeContent(empty, MEDIA_TYPE.emptyJson);
  await target.pushBlob(empty, config);
  for (const [i, layer] of layers.entries()) {
    await target.pushBlob(envelopes[i] ?? empty, layer);
  }
  const artifactType = 'application/vnd.cncf.notary.signature';
  const mediaType = MEDIA_TYPE.imageManifest;
  const bytes = encodeManifest({
    kind: 'image',
    mediaType,
    artifactType,
    config,
    layers,
    subject,
    annotations: {},
  });
  const descriptor = describeContent(bytes, mediaType);
  await target.pushManifest(bytes, descriptor, { subject });
  return descriptor.digest;
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
