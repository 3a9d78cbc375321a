import { shortened } from '@nv2/core';

/** The way to a value from the root of a document: names of fields, and indexes of lists from 0. */
export type ValuePath = readonly (string | number)[];

/** As in `statements[0].signers[1].name`, for messages: long names of fields are shortened. */
export function formatPath(path: ValuePath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${shortened(step)}`))
    .join('')
    .replace(/^\./, '');
}
