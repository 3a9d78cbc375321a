import {
  type Applicable,
  causeOf,
  formatScope,
  levelLabel,
  NotaryError,
  type RevocationTuning,
  resolveActions,
  selectStatement,
  summarizeSigner,
  trustStoresOf,
  type Verdict,
  VerificationError,
  verify,
} from '@nv2/notary';
import { formatPlatform } from '@nv2/oci';
import { type ArtifactName, readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { maxSignatures } from '../key-values.ts';
import { openSource } from '../open-artifact.ts';
import { verificationPlugins } from '../plugin-access.ts';
import { verdictRecord } from '../report/record.ts';
import { serviceAccess } from '../service-access.ts';
import { explainNoStatement, explainStatementInFull } from '../text/explanation.ts';
import { nextStep } from '../text/next-step.ts';
import { printable } from '../text/printable.ts';
import { explainSignatures } from '../text/verdict.ts';
import { loadTrust, type Trust } from '../trust/trust.ts';
import { whereToLook } from '../where-to-look.ts';

/**
 * `explain`: which statement decides about a reference and what it asks for, or that none does; with
 * `--signatures`, why each signature counts or does not. It explains a no as well as a yes, and
 * succeeds in both.
 */
export async function run(context: CommandContext): Promise<void> {
  const { flags, printer } = context;
  const name = readArtifactName(context);
  const trust = await loadTrust(context);
  const selected = select(trust, name);
  const denied = trust.denials.get(name.version);
  const verdict = flags.isOn('signatures') ? await judge(context, name, trust) : undefined;
  if (flags.string('output') === 'json') {
    const { policyPath } = trust;
    printer.json(explanationJson(selected, { name, denied, verdict, policyPath }));
    return;
  }
  if (denied !== undefined) {
    printer.line(`${name.version} is denied here, whatever is signed: ${printable(denied)}\n`);
  }
  const about = { name, policyPath: trust.policyPath };
  printer.line(
    'cause' in selected
      ? explainNoStatement(selected.cause, { ...about, statements: trust.policy.statements })
      : explainStatementInFull(selected.statement, { ...about, scope: selected.scope }),
  );
  if (verdict === undefined) return;
  printer.line(`\nVerdict: ${verdict.outcome}`);
  const { cause } = verdict;
  if (cause !== undefined) printer.line(`  ${printable(cause.message)} [${cause.code}]`);
  const signatures = explainSignatures(verdict);
  printer.line(signatures === '' ? 'No signature was looked at.' : `Signatures:\n${signatures}`);
  const artifact = withDigest(name, verdict.subject?.digest ?? name.version);
  const where = whereToLook(context, { verified: { artifact }, policyPath: trust.policyPath });
  // that of no statement is told above
  const hint = 'cause' in selected ? undefined : nextStep(verdict, where);
  if (hint !== undefined) printer.line(`hint: ${printable(hint)}`);
}

/** The statement that decides, or that there is none: it is a no like any other. */
type Selected = Applicable | { readonly cause: NotaryError };

function select({ policy }: Trust, { scope }: ArtifactName): Selected {
  try {
    return selectStatement(policy, scope);
  } catch (cause) {
    const isNo = cause instanceof NotaryError && cause.code === 'NOTARY_POLICY_NOT_APPLICABLE';
    if (!isNo) throw cause;
    return { cause };
  }
}

async function judge(context: CommandContext, name: ArtifactName, trust: Trust): Promise<Verdict> {
  const { args, io } = context;
  const opened = await openSource(context, name);
  const services = serviceAccess(context);
  try {
    const { source } = opened;
    const target = { source, reference: args[0] ?? '', scope: name.scope, version: name.version };
    const { verdict } = await verify(target, {
      policy: trust.policy,
      trustStore: trust.trustStore,
      denials: trust.denials,
      maxSignatures: maxSignatures(context.flags),
      now: io.now,
      signal: io.signal,
      revocation: services.revocation,
      offlineRevocation: services.offlineRevocation,
      ...verificationPlugins(context),
      examineAll: true,
    });
    return verdict;
  } catch (error) {
    if (error instanceof VerificationError) return error.verdict;
    throw error;
  } finally {
    opened.close();
    services.close();
  }
}

function explanationJson(
  selected: Selected,
  about: {
    readonly name: ArtifactName;
    /** Why the digest is on the denial list. */
    readonly denied: string | undefined;
    readonly verdict: Verdict | undefined;
    readonly policyPath: string | undefined;
  },
): object {
  const { name, denied, verdict, policyPath } = about;
  const artifact = withDigest(name, verdict?.subject?.digest ?? name.version);
  return {
    ...(policyPath !== undefined && { policyPath }),
    repository: name.scope,
    ...(denied !== undefined && { denied }),
    ...('cause' in selected
      ? { cause: causeOf(selected.cause) }
      : { statement: statementJson(selected) }),
    ...(verdict !== undefined && { verdict: verdictRecord({ artifact }, verdict) }),
  };
}

function statementJson({ statement, scope }: Applicable): object {
  const { signatureVerification, signers, threshold, demands, platforms, revocation } = statement;
  return {
    name: statement.name,
    appliesBy: formatScope(scope),
    level: levelLabel(signatureVerification),
    actions: resolveActions(signatureVerification),
    trustStores: trustStoresOf(statement),
    threshold,
    signers: signers.map((one) => ({ ...summarizeSigner(one), trustStores: one.trustStores })),
    ...(demands !== undefined && {
      demands: { ...demands, metadata: Object.fromEntries(demands.metadata) },
    }),
    ...(revocation !== undefined && { revocation: revocationJson(revocation) }),
    ...(platforms !== undefined && { platforms: platforms.map(formatPlatform) }),
  };
}

function revocationJson({ softFail, ...rest }: RevocationTuning): object {
  return {
    ...rest,
    ...(softFail && {
      softFail: softFail.map(({ hosts, methods, failures }) => ({
        hosts: hosts === 'any' ? hosts : [...hosts],
        methods: [...methods],
        failures: [...failures],
      })),
    }),
  };
}
