// A reporter for node:test that is silent about what passes: failures in full, skips with their
// reason, then one closing line of counts.
import { inspect } from 'node:util';

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string;
    readonly line?: number;
    readonly message?: string;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: {
      readonly type?: string;
      readonly error?: Error & { failureType?: string };
    };
  };
}

function failure(data: TestEvent['data']): string {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  const where = data.file === undefined ? '' : `  ${data.file}:${data.line}\n`;
  return `\nFAILED ${data.name}\n${where}${inspect(cause).replace(/^/gm, '  ')}\n`;
}

/**
 * What became of one test; undefined for events that close no test. A suite counts where it fails by
 * itself, as when one of its hooks does: its tests may have passed; and where it is skipped: of its tests
 * nothing is heard then.
 */
function verdict({ type, data }: TestEvent): 'passed' | 'failed' | 'skipped' | undefined {
  if (type === 'test:fail') {
    return data.details?.error?.failureType === 'subtestsFailed' ? undefined : 'failed';
  }
  if (type !== 'test:pass') return undefined;
  if (data.skip !== undefined && data.skip !== false) return 'skipped';
  return data.details?.type === 'suite' ? undefined : 'passed';
}

/** What went wrong after its test had passed: it fails the run too. */
function lateError({ type, data }: TestEvent): string | undefined {
  const isLate = type === 'test:diagnostic' && data.message?.startsWith('Error: ');
  return isLate ? `\nFAILED ${data.message}\n` : undefined;
}

/** What is said of an event at once. */
function said(event: TestEvent): string {
  const { type, data } = event;
  if (type === 'test:stdout' || type === 'test:stderr') return data.message ?? '';
  const late = lateError(event);
  if (late !== undefined) return late;
  return verdict(event) === 'failed' ? failure(data) : '';
}

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const reasons = new Map<string, number>();
  for await (const event of source) {
    yield said(event);
    const outcome = lateError(event) === undefined ? verdict(event) : 'failed';
    if (outcome === undefined) continue;
    counts[outcome]++;
    if (outcome !== 'skipped') continue;
    const { skip } = event.data;
    const reason = typeof skip === 'string' ? skip : 'no reason given';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) yield `skipped ${count}: ${reason}\n`;
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
