/** The way to a value from the root of a document: names of fields, and indexes of lists from 0. */
export type ValuePath = readonly (string | number)[];

/** As in `statements[0].signers[1].name`. */
export function formatPath(path: ValuePath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
