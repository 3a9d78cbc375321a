import {
  assertRegistry,
  OciError,
  type ProbeFinding,
  parseReference,
  probeRegistry,
} from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { CommandFailure } from '../failure.ts';
import { registryAccess } from '../registry-access.ts';
import { printable } from '../text/printable.ts';
import { probeMeaning } from '../text/probe-meaning.ts';

/** `registry probe`: what a registry can do, and what that means for signing and verifying. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, io, printer } = context;
  const { registry, repository } = readPlace(args[0] ?? '');
  const write = flags.isOn('write');
  if (write && repository === undefined) {
    throw usageError('--write needs a repository: the test artifact is pushed there');
  }
  if (repository === undefined) {
    printer.warn(
      `little can be found out without a repository: name one, as in ${registry}/REPOSITORY`,
    );
  }
  const { options, close } = await registryAccess(context, registry);
  try {
    const findings = await probeRegistry(registry, {
      ...options,
      write,
      signal: io.signal,
      ...(repository !== undefined && { repository }),
    });
    report(context, findings, { registry, repository });
    const isLeft = findings.some(({ capability, supported }) => {
      return write && capability === 'delete' && supported !== 'yes';
    });
    if (isLeft) printer.warn('the test artifact could not be removed and stays in the repository');
  } finally {
    close();
  }
}

interface Place {
  readonly registry: string;
  readonly repository: string | undefined;
}

function readPlace(text: string): Place {
  try {
    return parsePlace(text);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    const hint = 'write <registry> or <registry>/<repository>, without scheme, tag and digest';
    throw new CommandFailure({ hint }, { cause });
  }
}

function parsePlace(text: string): Place {
  if (!text.includes('/')) {
    assertRegistry(text);
    return { registry: text, repository: undefined };
  }
  const { registry, repository, tag, digest } = parseReference(text);
  if (tag === undefined && digest === undefined) return { registry, repository };
  throw usageError('expected a registry or a repository, without tag and digest');
}

function report(
  { flags, printer }: CommandContext,
  findings: readonly ProbeFinding[],
  place: Place,
): void {
  if (flags.string('output') === 'json') {
    const described = findings.map((one) => ({ ...one, meaning: probeMeaning(one) }));
    printer.json({ format: 'nv2/probe/1', ...place, findings: described });
    return;
  }
  for (const one of findings) {
    printer.line(`${one.capability}: ${one.supported} (${printable(one.evidence)})`);
    printer.line(`  ${probeMeaning(one)}`);
  }
}
