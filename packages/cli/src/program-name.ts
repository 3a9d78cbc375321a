import type { ProgramName } from './table/types.ts';

/** The program that a file, link or first argument names: `notation` by that name alone, else `nv2`. */
export function programNamed(called: string): ProgramName {
  const name = called.slice(Math.max(called.lastIndexOf('/'), called.lastIndexOf('\\')) + 1);
  // without a regular expression, which would be compiled before `version` is answered
  const stem = name.toLowerCase().endsWith('.exe') ? name.slice(0, -'.exe'.length) : name;
  return stem === 'notation' ? 'notation' : 'nv2';
}
