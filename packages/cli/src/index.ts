export type { CliIo, InputStream, OutputStream } from './context.ts';
export { cliDocs } from './docs.ts';
export { CLI_ERRORS, CliError, type CliErrorCode } from './errors.ts';
export { run } from './run.ts';
export type { ProgramName } from './table/types.ts';
