import type { CommandContext } from '../context.ts';
import { VERSION } from '../version.ts';

/** `version`. The line whose part before the colon is "Version" is what other tools parse. */
export async function run({ program, flags, printer }: CommandContext): Promise<void> {
  const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const { bun } = process.versions;
  const runtime = bun === undefined ? `Node ${process.version}` : `Bun v${bun}`;
  if (flags.string('output') === 'json') {
    printer.json({ version: VERSION, runtime, platform });
    return;
  }
  const title =
    program === 'notation'
      ? 'Notation - a tool to sign and verify artifacts.'
      : 'nv2 - sign, verify and enforce trust in container images and any OCI artifact.';
  // nv2 is not a Go program, and says so where scripts expect the line
  const line =
    program === 'notation' ? `Go version:  none (nv2 on ${runtime})` : `Runtime:     ${runtime}`;
  const lines = [`Version:     ${VERSION}`, line, `OS/Arch:     ${platform}`];
  printer.line([title, '', ...lines].join('\n'));
}
