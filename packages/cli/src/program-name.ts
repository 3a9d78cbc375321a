import type { ProgramName } from './table/types.ts';

/** The program that a file, link or first argument names: `notation` by that name alone, else `nv2`. */
export function programNamed(called: string): ProgramName {
  const name = called.slice(Math.max(called.lastIndexOf('/'), called.lastIndexOf('\\')) + 1);
  return name.replace(/\.exe$/i, '') === 'notation' ? 'notation' : 'nv2';
}
