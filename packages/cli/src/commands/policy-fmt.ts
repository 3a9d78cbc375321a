import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { encodeUtf8 } from '@nv2/core';
import { canonicalPolicy, MAX_POLICY_BYTES, readRegularFile, writeFileAtomic } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { printable } from '../text/printable.ts';
import { readPolicy } from '../trust/policy-file.ts';
import { formatPolicyText } from '../trust/yaml-text.ts';

/** `policy fmt`: writes a policy in canonical form; with `--check` only says whether it is. */
export async function run({ io, args, flags, printer }: CommandContext): Promise<void> {
  const [given = ''] = args;
  const path = resolve(io.cwd, given);
  const subject = 'trust policy';
  const bytes = await readRegularFile(path, {
    subject,
    maxBytes: MAX_POLICY_BYTES,
    followLinks: true,
  });
  const before = await readPolicy(bytes, path, given);
  const formatted = encodeUtf8(formatPolicyText(bytes));
  const after = await readPolicy(formatted, path, given);
  if (meaning(before) !== meaning(after)) {
    throw new TypeError('a policy in canonical form does not demand the same');
  }
  if (Buffer.from(bytes).equals(formatted)) {
    printer.line(`${printable(given)} is in canonical form.`);
    return;
  }
  if (flags.isOn('check')) {
    throw new CliError('CLI_POLICY_UNFORMATTED', `${printable(given)} is not in canonical form`, {
      hint: 'run "nv2 policy fmt" on it',
    });
  }
  const target = await realpath(path);
  await writeFileAtomic(target, formatted, { subject, mode: (await stat(target)).mode & 0o777 });
  printer.line(`Wrote ${printable(given)} in canonical form.`);
}

function meaning({ statements }: Awaited<ReturnType<typeof readPolicy>>): string {
  return canonicalPolicy(statements).join('\n');
}
