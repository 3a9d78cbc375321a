import { nearestWord } from '@nv2/core';
import type { FileNote } from '../files/go-decode.ts';
import type { ValuePath } from '../value-path.ts';
import { didYouMean } from './did-you-mean.ts';

/** How many names are compared at most: it takes its time, and a statement has ten fields. */
export const MAX_COMPARED_FIELDS = 1000;

/** A field that is none, and ignored therefore, with a name that is nearly that of another. */
export interface MistypedField {
  readonly path: ValuePath;
  /** The name of the field that was probably meant. */
  readonly meant: string;
  readonly message: string;
}

/** The mistyped field that a note of a policy in notation's format is about, if it is about one. */
export function mistypedField({ note, path, fields }: FileNote): MistypedField | undefined {
  if (note !== 'unknown-key' || fields === undefined) return undefined;
  const name = String(path.at(-1));
  const meant = nearestWord(name, fields);
  if (meant === undefined) return undefined;
  const message = `${JSON.stringify(name)} is no field of ${ownerOf(path)}${didYouMean(meant)}`;
  return { path, meant, message };
}

function ownerOf(path: ValuePath): string {
  const owner = path.at(-2);
  if (owner === undefined) return 'a trust policy';
  return typeof owner === 'number' ? 'a statement' : owner;
}
