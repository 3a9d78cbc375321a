import { quoted } from '@nv2/core';
import { type Descriptor, plainDescriptor } from '@nv2/oci/descriptor';
import { NotaryError } from './errors.ts';

const OTHER_CONTENT =
  'the signature was made for other content: have this artifact signed by whoever vouches for it';
const OTHER_DESCRIPTION =
  'this is the content that was signed, described in another way: check the media type that was asked for, or tell the operator of the registry';

/** What says what a signature is about, for messages and scripts. */
const SPEAKERS = { payload: 'the signature', manifest: 'the signature manifest' } as const;

/**
 * The error for a signature, or its manifest, that is about something else. It names what differs:
 * equal digests with another size or media type are two things as well.
 */
export function subjectMismatch(
  where: keyof typeof SPEAKERS,
  { expected, got }: { readonly expected: Descriptor; readonly got: Descriptor | undefined },
): NotaryError {
  const data = { where, expected: plainDescriptor(expected), got: got && plainDescriptor(got) };
  if (got === undefined || got.digest !== expected.digest) {
    return new NotaryError(
      'NOTARY_SUBJECT_MISMATCH',
      `${SPEAKERS[where]} is about ${got?.digest ?? 'no subject'}, expected ${expected.digest}`,
      { data, hint: OTHER_CONTENT },
    );
  }
  const [said, asked] =
    got.size === expected.size
      ? [`media type ${quoted(got.mediaType)}`, quoted(expected.mediaType)]
      : [`${got.size} bytes`, `${expected.size}`];
  return new NotaryError(
    'NOTARY_SUBJECT_MISMATCH',
    `${SPEAKERS[where]} is about ${got.digest} of ${said}, expected ${asked}`,
    { data, hint: OTHER_DESCRIPTION },
  );
}
