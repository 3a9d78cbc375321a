import { quote } from '../text/quote.ts';
import type { ArgsCheck } from './types.ts';

/** At least one argument. */
export function needsSome(message: string): ArgsCheck {
  return (args) => (args.length === 0 ? message : undefined);
}

/** One argument; what comes after it is a matter of {@link noMore}. */
export function needsFirst(message: string): ArgsCheck {
  return (args, facts) => (args.length === 0 ? message : noMore(args, facts));
}

/**
 * notation ignores arguments that are too many. Called as `nv2`, that would be a yes about what was named
 * and never looked at.
 */
function atMost(count: number, inWords: string): ArgsCheck {
  return (args, { program }) =>
    args.length > count && program === 'nv2'
      ? `expected ${inWords}, got ${args.length}`
      : undefined;
}

const noMore: ArgsCheck = atMost(1, 'one argument');

/** No arguments where notation ignores them. */
export const listsAll: ArgsCheck = atMost(0, 'no argument');

/** Exactly one argument. */
export function needsOne(message: string): ArgsCheck {
  return (args) => (args.length === 1 ? undefined : message);
}

/** Cobra's check for exactly so many arguments. */
export function exactly(count: number): ArgsCheck {
  return (args) =>
    args.length === count ? undefined : `accepts ${count} arg(s), received ${args.length}`;
}

/** No arguments at all, in cobra's words. */
export const none: ArgsCheck = exactly(0);

/** The same of a command that would have none below it, in cobra's other words. */
export function noneOf(command: string): ArgsCheck {
  return ([word], { program }) =>
    word === undefined
      ? undefined
      : `unknown command ${quote(word)} for ${quote(`${program} ${command}`)}`;
}

/** The reference of an artifact; `several` follows the words about more than one. */
export function needsReference(
  command: string,
  { several = '' }: { readonly several?: string } = {},
): ArgsCheck {
  return (args, facts) => {
    const problem = needsFirst(
      `missing reference to the artifact: use \`${facts.program} ${command} --help\` to see what parameters are required`,
    )(args, facts);
    return problem !== undefined && args.length > 1 ? `${problem}${several}` : problem;
  };
}

/** The policy file of `policy import`. */
export const needsPolicyFile: ArgsCheck = (args, { program }) =>
  args.length === 1
    ? undefined
    : `requires 1 argument but received ${args.length}.\nUsage: ${program} policy import <path-to-policy.json>\nPlease specify a trust policy file location as the argument`;

/** The policy file of `blob policy import`. */
export const needsBlobPolicyFile: ArgsCheck = (args, { program }) =>
  args.length === 1
    ? undefined
    : `requires 1 argument but received ${args.length}.\nUsage: ${program} blob policy import <path-to-policy.json>\nPlease specify a trust policy configuration location as the argument`;

/** The path that a `blob` command works on. */
export function needsBlobPath(command: string, missing: string): ArgsCheck {
  return (args, facts) => {
    const [path] = args;
    if (path === undefined) {
      return `missing ${missing}: use \`${facts.program} blob ${command} --help\` to see what parameters are required`;
    }
    return path === '' ? 'blob path cannot be empty' : noMore(args, facts);
  };
}

/** The file name of `cert show`. */
export const needsCertificateFile: ArgsCheck = (args) => {
  if (args.length === 0) return 'missing certificate file name';
  return args.length > 1 ? 'show only supports single certificate file' : undefined;
};

/** The file name of `cert delete`, or `--all` instead. */
export const needsCertificateOrAll: ArgsCheck = (args, facts) => {
  if (facts.isOn('all')) {
    return args.length === 0
      ? undefined
      : 'cannot delete a single certificate file when --all flag is set. use --help flag for more details';
  }
  return args.length === 0
    ? 'delete requires either the certificate file name that needs to be deleted or --all flag to delete all certificates in the given named trust store'
    : noMore(args, facts);
};

/** The common name of a test certificate. */
export const needsCommonName: ArgsCheck = (args, facts) => {
  const [name] = args;
  if (name === undefined) return 'missing certificate common name';
  // it names a directory too, so that . and .. are no names
  return /^(?!\.{1,2}$)[a-zA-Z0-9_.-]+$/.test(name)
    ? noMore(args, facts)
    : 'certificate common name must follow [a-zA-Z0-9_.-]+ format';
};
