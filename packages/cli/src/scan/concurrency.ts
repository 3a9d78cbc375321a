import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';

const MAX_CONCURRENCY = 256;

/** How many artifacts are verified at the same time: the flag `--concurrency`. @throws CliError `CLI_USAGE` */
export function concurrencyOf({ flags }: Pick<CommandContext, 'flags'>): number {
  const value = flags.integer('concurrency');
  if (value >= 1 && value <= MAX_CONCURRENCY) return value;
  throw usageError(`concurrency value ${value} must be from 1 to ${MAX_CONCURRENCY}`);
}
