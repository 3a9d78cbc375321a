import { causeOf, isUndecided } from '../cause.ts';
import { CAPABILITY } from '../plugin/protocol.ts';
import type { CheckName } from '../policy/levels.ts';
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
    run.ended = unusable;
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
  const { plugin } = run;
  if (plugin === undefined || run.ended !== undefined) return;
  const withRevocation = isRevocationOfPlugin(run);
  const checks = plugin.capabilities.filter(
    (capability) => capability !== CAPABILITY.revocationCheck || withRevocation,
  );
  const unanswered = await failureOf(async () => {
    const results = await plugin.verify(checks);
    for (const capability of checks) {
      const result = results.get(capability);
      // anything but a clear yes is a no
      const failure =
        result?.success === true
          ? undefined
          : { error: refusedByPlugin(plugin, capability, result ?? {}) };
      apply(run, { capability, failure });
    }
  });
  if (unanswered === undefined) return;
  run.ended = unanswered;
  if (withRevocation) record(run, 'revocation', 'not made');
}

function apply(
  run: Run,
  answer: {
    readonly capability: VerificationPlugin['capabilities'][number];
    readonly failure: Failure | undefined;
  },
): void {
  const { capability, failure } = answer;
  if (capability === CAPABILITY.revocationCheck) {
    record(run, 'revocation', run.ended === undefined ? failure : 'not made');
  } else if (failure !== undefined && run.ended === undefined) {
    amend(run, 'authenticity', failure);
  }
}

/** A check that passed so far has failed after all. One that failed before keeps its cause. */
function amend(run: Run, check: CheckName, failure: Failure): void {
  const index = run.outcomes.findIndex((outcome) => outcome.check === check);
  const outcome = run.outcomes[index];
  if (outcome?.result === 'passed') {
    const result = isUndecided(failure.error) ? 'undecided' : 'failed';
    run.outcomes[index] = { ...outcome, result, cause: causeOf(failure.error) };
  }
  if (run.context.actions[check] !== 'log') run.ended = failure;
}
