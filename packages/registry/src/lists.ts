import { parseJson } from '@nv2/core';
import { type Descriptor, descriptorToJson, MEDIA_TYPE, readDescriptor } from '@nv2/oci';
import { RegistryError } from './errors.ts';
import { readWhole } from './manifest-store.ts';
import {
  checkDigest,
  digestOfName,
  manifestKey,
  referrersKey,
  repositoryKey,
  tagsKey,
} from './names.ts';
import { nextLink, pageOf, pageSize } from './page.ts';
import { type Call, json, type RegistryService } from './service.ts';
import type { RegistryStorage } from './storage.ts';

/** GET of the tags, in the order of their bytes (distribution-spec 1.1.1, listing tags). */
export async function listTags(service: RegistryService, call: Call): Promise<Response> {
  const { repository: name, url } = call;
  const limit = pageSize(url, service.limits.maxPageEntries);
  const after = url.searchParams.get('last') ?? '';
  const page = await pageOf(service.storage.list(tagsKey(name)), { after, limit });
  if (page.names.length === 0 && !(await repositoryExists(service.storage, name))) {
    throw new RegistryError('REGISTRY_NAME_UNKNOWN', `there is no repository ${name}`, {
      data: { name },
    });
  }
  const last = page.names.at(-1);
  const headers = page.more && last !== undefined ? nextLink(url, last) : {};
  return json({ name, tags: page.names }, { headers });
}

/**
 * GET of what refers to a digest (distribution-spec 1.1.1, listing referrers). With a filter a page
 * may be shorter than others, or empty, and yet have a next one.
 */
export async function listReferrers(service: RegistryService, call: Call): Promise<Response> {
  if (!service.referrersApi) {
    throw new RegistryError('REGISTRY_ENDPOINT_UNKNOWN', 'the referrers API is switched off');
  }
  const { repository, url } = call;
  const subject = checkDigest(call.reference);
  const artifactType = url.searchParams.get('artifactType');
  const directory = referrersKey(repository, subject);
  const page = await pageOf(service.storage.list(directory), {
    after: url.searchParams.get('last') ?? '',
    limit: service.limits.maxPageEntries,
  });
  const manifests: Descriptor[] = [];
  let [bytes, last, more] = [0, '', page.more];
  for (const name of page.names) {
    const found = await readEntry(service.storage, { repository, directory, name });
    if (bytes > 0 && bytes + found.bytes > service.limits.maxReferrersBytes) {
      more = true;
      break;
    }
    last = name;
    if (found.entry === undefined) continue;
    if (artifactType !== null && found.entry.artifactType !== artifactType) continue;
    manifests.push(found.entry);
    bytes += found.bytes;
  }
  return json(
    {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.imageIndex,
      manifests: manifests.map(descriptorToJson),
    },
    {
      headers: {
        'content-type': MEDIA_TYPE.imageIndex,
        ...(artifactType !== null && { 'oci-filters-applied': 'artifactType' }),
        ...(more && nextLink(url, last)),
      },
    },
  );
}

/** An entry, if its manifest exists. */
async function readEntry(
  storage: RegistryStorage,
  place: { readonly repository: string; readonly directory: string; readonly name: string },
): Promise<{ readonly entry?: Descriptor; readonly bytes: number }> {
  const digest = digestOfName(place.name);
  if (digest === undefined) return { bytes: 0 };
  if ((await storage.open(manifestKey(place.repository, digest))) === undefined) {
    return { bytes: 0 };
  }
  const bytes = await readWhole(storage, `${place.directory}/${place.name}`);
  if (bytes === undefined) return { bytes: 0 };
  return { entry: readDescriptor(parseJson(bytes), 'referrer'), bytes: bytes.length };
}

async function repositoryExists(storage: RegistryStorage, name: string): Promise<boolean> {
  for await (const entry of storage.list(repositoryKey(name))) {
    if (entry.startsWith('_')) return true;
  }
  return false;
}
