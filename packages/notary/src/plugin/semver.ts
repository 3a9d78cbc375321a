// semver.org 2.0.0, the pattern it recommends
const SEMVER =
  /^(?<core>(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*))(?:-(?<pre>(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

const MAX_LENGTH = 256;

/** Whether text is a semantic version of at most 256 characters. */
export function isSemver(text: string): boolean {
  return parse(text) !== undefined;
}

/**
 * Negative, 0 or positive as `a` comes before, with or after `b` (semver.org 2.0.0, section 11;
 * build metadata do not count). `undefined` if either is no semantic version.
 */
export function compareSemver(a: string, b: string): number | undefined {
  const [left, right] = [parse(a), parse(b)];
  if (left === undefined || right === undefined) return undefined;
  const core = compareIdentifiers(left.core, right.core);
  if (core !== 0) return core;
  // a version without pre-release identifiers comes after those with
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length;
  return compareIdentifiers(left.pre, right.pre);
}

interface Version {
  readonly core: readonly string[];
  readonly pre: readonly string[];
}

function parse(text: string): Version | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const { core, pre } = SEMVER.exec(text)?.groups ?? {};
  if (core === undefined) return undefined;
  return { core: core.split('.'), pre: pre?.split('.') ?? [] };
}

function compareIdentifiers(a: readonly string[], b: readonly string[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    const order = compareIdentifier(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifier(a: string, b: string): number {
  if (a === b) return 0;
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  if (aIsNumber && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}
