import type { CommandContext } from '../context.ts';
import { VERSION } from '../version.ts';

/** `version`. The line whose part before the colon is "Version" is what other tools parse. */
export async function run({ program, flags, printer }: CommandContext): Promise<void> {
  const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  if (flags.string('output') === 'json') {
    printer.json({ version: VERSION, node: process.version, platform });
    return;
  }
  const title =
    program === 'notation'
      ? 'Notation - a tool to sign and verify artifacts.'
      : 'nv2 - sign, verify and enforce trust in container images and any OCI artifact.';
  // nv2 is not a Go program, and says so where scripts expect the line
  const runtime =
    program === 'notation'
      ? `Go version:  none (nv2 on Node ${process.version})`
      : `Node version: ${process.version}`;
  const column = program === 'notation' ? 13 : 14;
  const lines = [`${'Version:'.padEnd(column)}${VERSION}`, runtime];
  printer.line([title, '', ...lines, `${'OS/Arch:'.padEnd(column)}${platform}`].join('\n'));
}
