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

function isLeaf(data: TestEvent['data']): boolean {
  return data.details?.type !== 'suite' && data.details?.error?.failureType !== 'subtestsFailed';
}

/** What became of one test; undefined for events that close no test. */
function verdict(event: TestEvent): 'passed' | 'failed' | 'skipped' | undefined {
  const { type, data } = event;
  if ((type !== 'test:pass' && type !== 'test:fail') || !isLeaf(data)) return undefined;
  if (data.skip !== undefined && data.skip !== false) return 'skipped';
  return type === 'test:pass' ? 'passed' : 'failed';
}

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const reasons = new Map<string, number>();
  for await (const event of source) {
    const { type, data } = event;
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message ?? '';
    const outcome = verdict(event);
    if (outcome === undefined) continue;
    counts[outcome]++;
    if (outcome === 'failed') yield failure(data);
    if (outcome !== 'skipped') continue;
    const reason = typeof data.skip === 'string' ? data.skip : 'no reason given';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) yield `skipped ${count}: ${reason}\n`;
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
