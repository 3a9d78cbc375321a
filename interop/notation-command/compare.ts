// The script command `notation`: both programs, and what they say beside each other.
import type { ScriptCommand, ScriptOutcome } from '@nv2/testkit';
import type { Difference } from './differences/difference.ts';
import { DIFFERENCES } from './differences.ts';
import { isHelp, offers } from './help.ts';
import { isUnordered, normalise } from './normalise.ts';
import { runSide, type Side } from './sides.ts';

/** What has been compared, in all scripts. */
export interface Tally {
  lines: number;
  /** What differs, and is not listed. */
  readonly found: string[];
  readonly met: Set<Difference>;
}

/** What both said, a line each: the exit code, standard output, standard error. */
interface Both {
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

/**
 * Runs a command line on the real command and on ours, and notes where exit code, standard output
 * or standard error differ in anything that {@link DIFFERENCES} does not name.
 */
export function comparingCommand(
  [theirs, ours]: readonly [Side, Side],
  tally: Tally,
): ScriptCommand {
  return async (invocation) => {
    const line = invocation.args.join(' ');
    const [first, second] = await Promise.all([
      runSide(theirs, invocation),
      runSide(ours, invocation),
    ]);
    tally.lines++;
    const both = settle(
      line,
      { theirs: describe(line, first), ours: describe(line, second) },
      tally,
    );
    const differing = compareLines(both, {
      isUnordered: isUnordered(line),
      mayOfferMore: isHelp(first) && isHelp(second),
    });
    if (differing !== '') tally.found.push(`$ notation ${line}\n${differing}\n`);
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}

/** What both said once every listed difference is taken for what ours says. */
function settle(line: string, both: Both, tally: Tally): Both {
  const theirs = both.theirs.join('\n');
  if (theirs === both.ours.join('\n')) return both;
  let wanted = theirs;
  let ours = both.ours;
  for (const difference of DIFFERENCES.filter(({ on }) => on?.test(line) ?? true)) {
    const { theirs: text, ours: replacement = '', adds } = difference;
    const replaced = replaceText(wanted, text, replacement);
    const kept =
      adds === undefined
        ? ours
        : ours.filter((said) => both.theirs.includes(said) || !adds.test(said));
    if (replaced !== wanted || kept.length < ours.length) tally.met.add(difference);
    wanted = replaced;
    ours = kept;
  }
  return { theirs: wanted.split('\n').filter((said) => said !== REMOVED), ours };
}

function replaceText(said: string, text: string | RegExp | undefined, by: string): string {
  if (text === undefined) return said;
  return typeof text === 'string' ? said.replaceAll(text, () => by) : said.replace(text, by);
}

/** What a line of the real command becomes that ours does not print. */
const REMOVED = '';

function describe(line: string, outcome: ScriptOutcome): readonly string[] {
  const of = (text: string, sign: string): readonly string[] => {
    const lines = (isHelp(outcome) ? offers(text) : normalise(line, text)).split('\n');
    const last = lines.pop();
    return [...lines, ...(last ? [`${last} (no line feed)`] : [])].map((said) => `${sign} ${said}`);
  };
  return [`= ${outcome.exitCode}`, ...of(outcome.stdout, '|'), ...of(outcome.stderr, '!')];
}

/** The lines of one side that the other has not: `-` of the real command, `+` of ours. */
function compareLines(
  { theirs, ours }: Both,
  how: { readonly isUnordered: boolean; readonly mayOfferMore: boolean },
): string {
  const missing = theirs.filter((said) => !ours.includes(said)).map((said) => `- ${said}`);
  const added = ours.filter((said) => !theirs.includes(said)).map((said) => `+ ${said}`);
  if (how.mayOfferMore) return missing.join('\n');
  const [wanted, got] = [theirs, ours].map((lines) =>
    (how.isUnordered ? lines.toSorted() : lines).join('\n'),
  );
  if (wanted === got) return '';
  return [...missing, ...added].join('\n') || `another order or number of lines:\n${got}`;
}
