import type { ProgramName } from './table/types.ts';

/** The version of nv2, that of the package. */
export const VERSION = '0.1.0';

/** What there is to say of a program's version. */
export interface VersionFacts {
  readonly version: string;
  /** `Node v24.1.0` or `Bun v1.4.5`. */
  readonly runtime: string;
  /** As Go names it, like `linux/amd64`. */
  readonly platform: string;
}

/** What the process that runs says of itself. */
export function versionFacts(): VersionFacts {
  const { bun } = process.versions;
  return {
    version: VERSION,
    runtime: bun === undefined ? `Node ${process.version}` : `Bun v${bun}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}

/** The same as text. The line whose part before the colon is "Version" is what other tools parse. */
export function versionText(program: ProgramName): string {
  const { version, runtime, platform } = versionFacts();
  const title =
    program === 'notation'
      ? 'Notation - a tool to sign and verify artifacts.'
      : 'nv2 - sign, verify and enforce trust in container images and any OCI artifact.';
  // nv2 is not a Go program, and says so where scripts expect the line
  const line =
    program === 'notation' ? `Go version:  none (nv2 on ${runtime})` : `Runtime:     ${runtime}`;
  return [title, '', `Version:     ${version}`, line, `OS/Arch:     ${platform}`].join('\n');
}
