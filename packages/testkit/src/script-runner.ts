import assert from 'node:assert/strict';
import { matchLines, type ScriptValues, substitute } from './script-match.ts';

/** What a command of a script is called with. */
export interface ScriptInvocation {
  readonly args: readonly string[];
  /** Variables written before the command. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** What a command of a script did. */
export interface ScriptOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A command that scripts may call. */
export type ScriptCommand = (invocation: ScriptInvocation) => Promise<ScriptOutcome>;

/** One command of a script with what it must do. */
interface ScriptStep {
  readonly line: number;
  readonly command: string;
  readonly stdin: readonly string[];
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Texts that neither output has. */
  readonly absent: readonly string[];
  readonly exitCode: number;
}

/** A named part of a script; the parts of a file run one after the other, in one state. */
export interface ScriptCase {
  readonly name: string;
  readonly steps: readonly ScriptStep[];
}

/** How a script is run. */
export interface RunScriptOptions {
  /** Named in failures. */
  readonly file: string;
  readonly commands: Readonly<Record<string, ScriptCommand>>;
  /** What `{{name}}` stands for; captures are added while the script runs. */
  readonly values: ScriptValues;
}

/**
 * Reads a script. Each line begins with what it is:
 *
 * ```text
 * # the name of a case, a sentence
 * $ NAME=value command 'an argument' "another"
 * < a line of standard input
 * | a line of expected standard output
 * ! a line of expected standard error
 * - a text that is in no line of either
 * = 1                       the expected exit code, 0 where absent
 * ```
 *
 * All of the output must match: a line `| ...` or `! ...` stands for any number of lines. Within a
 * line, `{{name}}` is a value of the caller or an earlier capture, `{{digest}}`, `{{hex}}`,
 * `{{time}}`, `{{date}}`, `{{port}}` and `{{*}}` match what their names say, `{{digest:name}}`
 * matches and captures, `{{end}}` matches nothing and keeps blanks before it visible. Empty lines
 * and lines that begin with `//` are for readers.
 */
export function parseScript(text: string): readonly ScriptCase[] {
  const cases: { name: string; steps: ScriptStep[] }[] = [];
  text.split('\n').forEach((content, index) => {
    if (content === '' || content.startsWith('//')) return;
    const line = index + 1;
    if (content.startsWith('# ')) {
      cases.push({ name: content.slice(2), steps: [] });
      return;
    }
    const current = cases.at(-1);
    if (current === undefined) throw new SyntaxError(`line ${line}: a script begins with a case`);
    addLine(current.steps, content, line);
  });
  return cases;
}

function addLine(steps: ScriptStep[], content: string, line: number): void {
  const rest = content.slice(2);
  if (content.startsWith('$ ')) {
    steps.push({ line, command: rest, stdin: [], stdout: [], stderr: [], absent: [], exitCode: 0 });
    return;
  }
  const step = steps.pop();
  if (step === undefined) throw new SyntaxError(`line ${line}: a case begins with a command`);
  steps.push(extendStep(step, content, line));
}

function extendStep(step: ScriptStep, content: string, line: number): ScriptStep {
  const rest = content.slice(2);
  switch (content[0]) {
    case '<':
      return { ...step, stdin: [...step.stdin, rest] };
    case '|':
      return { ...step, stdout: [...step.stdout, rest] };
    case '!':
      return { ...step, stderr: [...step.stderr, rest] };
    case '-':
      return { ...step, absent: [...step.absent, rest] };
    case '=':
      return { ...step, exitCode: Number(rest) };
    default:
      throw new SyntaxError(`line ${line}: expected $, <, |, !, -, =, # or //`);
  }
}

/** Runs one case; fails with file, line and both outputs where a command did something else. */
export async function runScriptCase(
  { steps }: ScriptCase,
  { file, commands, values }: RunScriptOptions,
): Promise<void> {
  for (const step of steps) {
    const { env, words } = splitCommand(substitute(step.command, values));
    const [name = '', ...args] = words;
    const command = commands[name];
    assert.ok(command, `${file}:${step.line}: there is no command ${name}`);
    const stdin = step.stdin.map((text) => `${substitute(text, values)}\n`).join('');
    const outcome = await command({ args, env, stdin });
    const where = `${file}:${step.line}: ${step.command}`;
    assert.equal(outcome.exitCode, step.exitCode, `${where}: exit code\n${describe(outcome)}`);
    assertOutput(outcome, step, { where, values });
  }
}

function assertOutput(
  outcome: ScriptOutcome,
  step: ScriptStep,
  { where, values }: { readonly where: string; readonly values: ScriptValues },
): void {
  for (const stream of ['stderr', 'stdout'] as const) {
    if (matchLines(outcome[stream], step[stream], values)) continue;
    const expected = step[stream].map((text) => substitute(text, values)).join('\n');
    assert.equal(outcome[stream], expected, `${where}: ${stream}`);
    assert.fail(`${where}: ${stream} does not match`);
  }
  for (const text of step.absent.map((line) => substitute(line, values))) {
    const isThere = `${outcome.stdout}${outcome.stderr}`.includes(text);
    assert.ok(!isThere, `${where}: expected nowhere: ${text}\n${describe(outcome)}`);
  }
}

function describe({ stdout, stderr }: ScriptOutcome): string {
  return `--- stdout\n${stdout}--- stderr\n${stderr}`;
}

function splitCommand(text: string): {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
} {
  const words = (text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double ?? ''),
  );
  const firstWord = words.findIndex((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word));
  const env = words.slice(0, firstWord).map((word) => {
    const equals = word.indexOf('=');
    return [word.slice(0, equals), word.slice(equals + 1)] as const;
  });
  return { env: Object.fromEntries(env), words: words.slice(firstWord) };
}
