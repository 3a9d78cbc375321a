import { causeOf, isUndecided } from '../cause.ts';
import { CAPABILITY } from '../plugin/contract.ts';
import type { CheckName } from '../policy/levels.ts';
import { criticalAttributes } from './attributes.ts';
import { checkStatementIdentity } from './authenticity.ts';
import { type Failure, failureOf, intact, type Run, record } from './judge-run.ts';
import { openVerificationPlugin, refusedByPlugin, type VerificationPlugin } from './plugin.ts';

/**
 * Opens the plugin that a signature asks for, and matches the identity if the plugin does not. Comes
 * after the chain was found to lead to a trust store: where that is enforced, a signature of strangers
 * makes no program run.
 * A plugin that cannot be used ends the signature at every level.
 */
export async function enlistPlugin(run: Run): Promise<void> {
  const requested = run.signature?.plugin;
  if (run.ended !== undefined || requested === undefined) return;
  const signature = intact(run);
  const unusable = await failureOf(async () => {
    run.plugin = await openVerificationPlugin(requested, signature, run.context);
  });
  if (unusable !== undefined) {
    record(run, 'extension', unusable, { plugin: requested.name });
    return;
  }
  if (run.plugin?.capabilities.includes(CAPABILITY.trustedIdentity)) return;
  const failure = await failureOf(() => checkStatementIdentity(signature, run.context));
  if (failure !== undefined) amend(run, 'authenticity', failure);
}

/** Whether the plugin answers for revocation. */
export function isRevocationOfPlugin({ plugin, context, ended }: Run): boolean {
  return (
    ended === undefined &&
    context.actions.revocation !== 'skip' &&
    plugin?.capabilities.includes(CAPABILITY.revocationCheck) === true
  );
}

/**
 * Asks the plugin for what it answers for, once everything else passed. What it refuses is enforced
 * or logged as the policy says of that check; that it does not answer as it must ends the signature.
 */
export async function consultPlugin(run: Run): Promise<void> {
  const { plugin, signature } = run;
  const requested = signature?.plugin;
  if (requested === undefined || hasExtension(run)) return;
  if (plugin === undefined || run.ended !== undefined) {
    record(run, 'extension', 'not made', { plugin: requested.name });
    return;
  }
  const withRevocation = isRevocationOfPlugin(run);
  const checks = plugin.capabilities.filter(
    (capability) => capability !== CAPABILITY.revocationCheck || withRevocation,
  );
  const unanswered = await failureOf(async () => {
    const results = await plugin.verify(checks);
    const processedAttributes = criticalAttributes(intact(run).envelope.content);
    record(run, 'extension', undefined, { plugin: plugin.name, processedAttributes });
    for (const capability of checks) {
      const result = results.get(capability);
      // anything but a clear yes is a no
      const failure =
        result?.success === true
          ? undefined
          : { error: refusedByPlugin(plugin, capability, result ?? {}) };
      apply(run, { plugin: plugin.name, capability, failure });
    }
  });
  if (unanswered === undefined) return;
  record(run, 'extension', unanswered, { plugin: plugin.name });
  if (withRevocation) record(run, 'revocation', 'not made');
}

// Whether it is known already that the plugin cannot be used.
function hasExtension({ outcomes }: Run): boolean {
  return outcomes.some(({ check }) => check === 'extension');
}

function apply(
  run: Run,
  answer: {
    readonly plugin: string;
    readonly capability: VerificationPlugin['capabilities'][number];
    readonly failure: Failure | undefined;
  },
): void {
  const { plugin, capability, failure } = answer;
  const isRevocation = capability === CAPABILITY.revocationCheck;
  if (run.ended !== undefined) {
    if (isRevocation) record(run, 'revocation', 'not made');
    return;
  }
  if (isRevocation) {
    record(run, 'revocation', failure, { plugin });
    return;
  }
  run.outcomes.forEach((outcome, index) => {
    if (outcome.check === 'authenticity') run.outcomes[index] = { ...outcome, plugin };
  });
  if (failure !== undefined) amend(run, 'authenticity', failure);
}

/** A check that passed so far has failed after all. One that failed before keeps its cause. */
function amend(run: Run, check: CheckName, failure: Failure): void {
  const index = run.outcomes.findIndex((outcome) => outcome.check === check);
  const outcome = run.outcomes[index];
  if (outcome?.result === 'passed') {
    const result = isUndecided(failure.error) ? 'undecided' : 'failed';
    run.outcomes[index] = { ...outcome, result, cause: causeOf(failure.error) };
  }
  // nobody has signed whom no authenticity vouches for
  if (check === 'authenticity') delete run.known;
  if (run.context.actions[check] !== 'log') run.ended = failure;
}
