import { NotaryError } from '../errors.ts';
import { type Decoder, decodeGoJson, goList, goStruct } from '../files/go-decode.ts';
import type { GoJson } from '../files/go-json.ts';
import { BLOB_POLICY_FILE, IMAGE_POLICY_FILES } from '../files/paths.ts';
import { MAX_POLICY_BYTES } from './notation-policy.ts';
import { policyOctets } from './policy-octets.ts';

/** What tells the two policies of notation's format apart, be it of the wrong type. */
interface Telling {
  readonly trustPolicies: readonly {
    readonly registryScopes: GoJson;
    readonly globalPolicy: GoJson;
  }[];
}

const anything: Decoder<GoJson> = (value, previous) => value ?? previous;

const TELLING: Decoder<Telling> = goStruct<Telling>({
  trustPolicies: goList(
    goStruct<Telling['trustPolicies'][number]>({
      registryScopes: anything,
      globalPolicy: anything,
    }),
    { registryScopes: null, globalPolicy: null },
  ),
});

/**
 * Whether a text is a policy about blobs in notation's format, valid or not. One in a file of the name
 * of a policy about images never is. Another that has a statement without scopes is, if its file is
 * called as a policy about blobs or a statement is global: without scopes alone, it may lack them.
 *
 * @param file name of the file, without its directory
 */
export function isAboutBlobs(bytes: Uint8Array, file: string): boolean {
  if (IMAGE_POLICY_FILES.some((name) => name === file)) return false;
  const { trustPolicies } = tellingPart(bytes);
  if (!trustPolicies.some(({ registryScopes }) => isEmpty(registryScopes))) return false;
  return (
    file === BLOB_POLICY_FILE ||
    trustPolicies.some(({ globalPolicy }) => globalPolicy !== null && globalPolicy !== false)
  );
}

function isEmpty(scopes: GoJson): boolean {
  return scopes === null || (Array.isArray(scopes) && scopes.length === 0);
}

function tellingPart(bytes: Uint8Array): Telling {
  const zero: Telling = { trustPolicies: [] };
  try {
    const { value } = decodeGoJson(policyOctets(bytes), TELLING, {
      code: 'NOTARY_POLICY_MALFORMED',
      maxBytes: MAX_POLICY_BYTES,
      zero,
      allowTrailingData: true,
    });
    return value;
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    return zero;
  }
}
