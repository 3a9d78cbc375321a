import { isTrustStoreName, isTrustStoreType, type TrustStoreType } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';

/** The named store that `--type` and `--store` say. @throws CliError `CLI_USAGE` */
export function namedStore({ flags }: CommandContext): {
  readonly type: TrustStoreType;
  readonly store: string;
} {
  const type = flags.string('type');
  const store = flags.string('store');
  if (type === '') throw usageError('store type cannot be empty');
  assertStoreType(type);
  assertStoreName(store);
  return { type, store };
}

/** @throws CliError `CLI_USAGE` */
export function assertStoreType(type: string): asserts type is TrustStoreType {
  if (!isTrustStoreType(type)) throw usageError(`unsupported store type: ${type}`);
}

/** @throws CliError `CLI_USAGE` */
export function assertStoreName(store: string): void {
  if (isTrustStoreName(store)) return;
  throw usageError('named store name needs to follow [a-zA-Z0-9_.-]+ format');
}
