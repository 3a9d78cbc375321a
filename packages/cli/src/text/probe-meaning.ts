import type { Capability, ProbeFinding } from '@nv2/oci';

const MEANINGS: Readonly<Record<Capability, { readonly yes: string; readonly no: string }>> = {
  'referrers-api': {
    yes: 'signatures are listed by the registry: nothing has to be kept right beside them',
    no: 'signatures are listed in an index under a tag, which each signer changes: slower, and signers wait for each other',
  },
  'referrers-filter': {
    yes: 'only signatures are sent where an artifact has other referrers too',
    no: 'all referrers of an artifact are read to find its signatures',
  },
  'oci-subject': {
    yes: 'a pushed signature is known to be listed, without another request',
    no: 'a signature is also put into the index under the referrers tag',
  },
  'tag-paging': {
    yes: 'long lists of tags come in pages',
    no: 'all tags come at once, whatever their number',
  },
  'conditional-requests': {
    yes: 'two signers cannot overwrite the referrers index of each other',
    no: 'a signer of the referrers tag has to look again whether its entry stayed',
  },
  'chunked-upload': {
    yes: 'large blobs can be pushed in parts by clients that do so',
    no: 'blobs have to be pushed whole, as nv2 does',
  },
  delete: {
    yes: '"signature delete" works, and outdated referrers indexes are removed',
    no: 'signatures cannot be deleted, and outdated referrers indexes stay until garbage is collected',
  },
};

/** What a finding means for who signs and verifies. */
export function probeMeaning({ capability, supported }: ProbeFinding): string {
  if (supported !== 'unknown') return MEANINGS[capability][supported];
  const { yes, no } = MEANINGS[capability];
  return `if so, ${yes}; if not, ${no}`;
}
