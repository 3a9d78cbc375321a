import { fileURLToPath, pathToFileURL } from 'node:url';

const GIVEN = process.env['NV2_TEST_PROGRAMS'];

/**
 * The directory of the programs `nv2` and `notation` that tests start: those of the checkout, or
 * those that `NV2_TEST_PROGRAMS` names.
 */
export const PROGRAMS: string = GIVEN ?? fileURLToPath(new URL('../../../bin', import.meta.url));

/** Whether scripts start the programs too, and do not run them in the process of the tests. */
export const SCRIPTS_START_PROGRAMS: boolean = GIVEN !== undefined;

/** The variables with which a program runs a module first, on Node or as an executable. */
export function preload(path: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${pathToFileURL(path)}`, BUN_OPTIONS: `--preload=${path}` };
}
