import { NotaryError } from '../errors.ts';
import type { OfflineRevocation } from '../revocation/finding.ts';
import { resolveActions } from './levels.ts';
import type { Finding } from './lint.ts';
import { asksAboutRevocation, type TrustStatement } from './statement.ts';

/** What a statement says of revocation and can be of no effect, or of no use. */
export async function lintRevocation(
  statement: TrustStatement,
  directories: OfflineRevocation | undefined,
): Promise<readonly Finding[]> {
  const { revocation } = statement;
  if (revocation === undefined) return [];
  if (!asksAboutRevocation(statement)) {
    const message = 'revocation is skipped, so the field revocation says nothing';
    return [{ rule: 'revocation-without-effect', severity: 'warning', message }];
  }
  const found: Finding[] = [];
  if (revocation.softFail !== undefined && !enforces(statement)) {
    const message = 'revocation is logged and not enforced, so softFail lets nothing more pass';
    found.push({ rule: 'revocation-without-effect', severity: 'warning', message });
  }
  if (revocation.offline !== undefined && directories !== undefined) {
    found.push(...(await lintDirectory(revocation.offline.directory, directories)));
  }
  return found;
}

// An authority for timestamps that was revoked fails the check of timestamps.
function enforces({ signatureVerification, timestampStores }: TrustStatement): boolean {
  const { revocation, authenticTimestamp } = resolveActions(signatureVerification);
  const isOfTimestamps = timestampStores.length > 0 && authenticTimestamp === 'enforce';
  return revocation === 'enforce' || isOfTimestamps;
}

async function lintDirectory(
  directory: string,
  directories: OfflineRevocation,
): Promise<readonly Finding[]> {
  try {
    const { answers } = await directories.summary(directory);
    if (answers > 0) return [];
    return [
      unusable(
        `${directory} holds no answer about revocation, so whatever can be revoked is refused`,
      ),
    ];
  } catch (problem) {
    if (!(problem instanceof NotaryError)) throw problem;
    return [unusable(problem.message)];
  }
}

function unusable(message: string): Finding {
  return { rule: 'offline-unusable', severity: 'error', message };
}
