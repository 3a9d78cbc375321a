import { isScalar, type YAMLMap } from 'yaml';

/** What is said of a key that {@link repeatedKey} finds. */
export const REPEATED_KEY = 'Map keys must be unique';

/**
 * The first key of a map that is equal to one before it. Takes time in proportion to the map; the
 * library's own `uniqueKeys` compares every key with every other.
 */
export function repeatedKey({ items }: YAMLMap): unknown {
  const seen = new Set<unknown>();
  const repeated = items.find(({ key }) => {
    const value = isScalar(key) ? key.value : key;
    return seen.size === seen.add(value).size;
  });
  return repeated?.key;
}
