import { type Platform, parsePlatform } from '@nv2/oci';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { quote } from './text/quote.ts';

/**
 * What `--platform` asks for; undefined without it, and always under the name `notation`.
 * @throws CliError `CLI_USAGE`
 */
export function platformFlag({ flags }: CommandContext): Platform | undefined {
  const text = flags.optional('platform');
  if (text === undefined) return undefined;
  const platform = parsePlatform(text);
  if (platform !== undefined) return platform;
  throw usageError(
    `invalid argument ${quote(text)} for "--platform" flag: expected os/architecture or os/architecture/variant`,
  );
}
