import { DerReader } from '@nv2/core';
import { X509Error } from '../errors.ts';
import { decodingAs } from './decoding.ts';
import type { SignerInfo } from './signer-info.ts';

/** What is wrong with a signed attribute; `data.reason` of `X509_CMS_ATTRIBUTE`. */
export type AttributeProblem = 'no-attributes' | 'missing' | 'values' | 'mismatch';

/**
 * The one value of a signed attribute that must be there, as encoded.
 * @throws X509Error `X509_CMS_ATTRIBUTE`; data `reason`, `attribute`
 */
export function attributeValue(signer: SignerInfo, attribute: string): Uint8Array {
  if (signer.signedAttributes === undefined)
    return refuseAttribute('no-attributes', {
      attribute,
      message: 'there are no signed attributes',
    });
  const values = signer.signedAttributes.values.get(attribute);
  if (values === undefined)
    return refuseAttribute('missing', {
      attribute,
      message: `signed attribute ${attribute} is missing`,
    });
  const [value, ...others] = values;
  if (value === undefined || others.length > 0)
    return refuseAttribute('values', {
      attribute,
      message: `signed attribute ${attribute} must have one value, got ${values.length}`,
    });
  return value;
}

/** @throws X509Error `X509_CMS_ATTRIBUTE` */
export function refuseAttribute(
  reason: AttributeProblem,
  { attribute, message }: { readonly attribute: string; readonly message: string },
): never {
  throw new X509Error('X509_CMS_ATTRIBUTE', `CMS: ${message}`, { data: { reason, attribute } });
}

/** The value of an attribute that must be there, read whole. @throws X509Error `X509_CMS_INVALID` */
export function readAttribute<T>(
  signer: SignerInfo,
  attribute: string,
  read: (value: DerReader) => T,
): T {
  const value = attributeValue(signer, attribute);
  return decodingAs('X509_CMS_INVALID', `CMS: signed attribute ${attribute}`, () => {
    const reader = new DerReader(value);
    const decoded = read(reader);
    reader.finish();
    return decoded;
  });
}
