import { counted } from '@nv2/core';
import { directoryRevocation, type LintFinding, lintPolicy } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { printable } from '../text/printable.ts';
import { readAnyPolicy } from '../trust/blob-policy.ts';
import { policyArgument, trustStoreArgument } from '../trust/policy-argument.ts';
import type { LoadedPolicy } from '../trust/policy-file.ts';

/** `policy lint`: what is valid in a policy and cannot be meant. Errors fail, warnings do not. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer } = context;
  const policy = await policyArgument(context, args[0], readAnyPolicy);
  const trustStore = trustStoreArgument(context);
  const offlineRevocation = directoryRevocation();
  const findings = await lintPolicy(policy, { trustStore, now: io.now(), offlineRevocation });
  if (flags.string('output') === 'json') printer.json(toJson(policy, findings));
  else {
    if (policy.about !== undefined) {
      printer.line(`${printable(policy.name)} is a policy about ${policy.about}.`);
    }
    for (const finding of findings) printer.line(toText(policy, finding));
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const failing = flags.isOn('strict') ? findings.length : errors;
  if (failing > 0) {
    const warnings = findings.length - errors;
    throw new CliError(
      'CLI_POLICY_FINDINGS',
      `${printable(policy.path)} has ${counted(errors, 'error')} and ${counted(warnings, 'warning')}`,
      { data: { errors, warnings } },
    );
  }
  if (findings.length === 0 && flags.string('output') === 'text') {
    printer.line(`Nothing to say against ${printable(policy.path)}.`);
  }
}

function toText(policy: LoadedPolicy, finding: LintFinding): string {
  const { rule, severity, statement, message } = finding;
  const about = statement === undefined ? '' : `statement ${JSON.stringify(statement)}: `;
  return printable(
    `${policy.name}:${policy.placeOf(finding)}: ${severity}: ${about}${message} [${rule}]`,
  );
}

function toJson(policy: LoadedPolicy, findings: readonly LintFinding[]): object {
  const placed = findings.map((finding) => {
    const { index: _index, path: _path, ...told } = finding;
    const [line, column] = policy.placeOf(finding).split(':').map(Number);
    return { ...told, line, column };
  });
  const { path, format, about } = policy;
  return { path, format, ...(about !== undefined && { about }), findings: placed };
}
