import { reservationWords } from '../text/verdict.ts';
import { VERSION } from '../version.ts';
import { reasonOf, type VerdictRecord } from './record.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Rule of a verdict that found nothing wrong. */
const VERIFIED_RULE = 'NOTARY_VERIFIED';

/**
 * Verdicts as one SARIF 2.1.0 log. A no is a result of kind `fail`; what could not be decided is of
 * kind `open`, never `fail` or `pass` (SARIF 2.1.0 section 3.27.9).
 */
export function sarifLog(records: readonly VerdictRecord[]): object {
  const results = records.map(result);
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'nv2', version: VERSION, rules: rules.map((id) => ({ id })) } },
        results,
      },
    ],
  };
}

interface SarifResult {
  readonly ruleId: string;
  readonly kind: 'pass' | 'fail' | 'open' | 'notApplicable';
  readonly level: 'error' | 'none';
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  /** What a yes is qualified by. A result that is no failure has no level (section 3.27.10). */
  readonly properties?: { readonly reservations: readonly string[] };
}

const KINDS = {
  verified: 'pass',
  skipped: 'notApplicable',
  denied: 'fail',
  unavailable: 'open',
  unreadable: 'open',
} as const;

function result(record: VerdictRecord): SarifResult {
  const { outcome, reference, statement } = record;
  const isNo = outcome !== 'verified' && outcome !== 'skipped';
  const reason = reasonOf(record);
  const by = statement === undefined ? '' : ` by the statement "${statement.name}"`;
  const reservations = isNo ? [] : reservationWords(record.signatures);
  const yes = [`${reference}: ${outcome}${by}`, ...reservations].join('; ');
  return {
    ruleId: isNo ? reason.code : VERIFIED_RULE,
    kind: KINDS[outcome],
    level: outcome === 'denied' ? 'error' : 'none',
    message: { text: isNo ? `${reference}: ${reason.message}` : yes },
    locations: locations(record),
    ...(reservations.length > 0 && { properties: { reservations } }),
  };
}

// One for each line that names the artifact, if it is from files.
function locations(record: VerdictRecord): readonly object[] {
  const logicalLocations = [{ fullyQualifiedName: nameOf(record), kind: 'resource' }];
  const lines = (record.places ?? []).flatMap(({ source, line }) =>
    line === undefined ? [] : [{ uri: encodeURI(source), startLine: line }],
  );
  if (lines.length === 0) return [{ logicalLocations }];
  return lines.map(({ uri, startLine }) => ({
    physicalLocation: { artifactLocation: { uri }, region: { startLine } },
    logicalLocations,
  }));
}

function nameOf(record: VerdictRecord): string {
  return 'artifact' in record ? record.artifact : record.blob;
}
