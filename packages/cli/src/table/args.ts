import type { ArgsCheck } from './types.ts';

/** At least one argument; those after the first are ignored, as notation ignores them. */
export function needsFirst(message: string): ArgsCheck {
  return (args) => (args.length === 0 ? message : undefined);
}

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

/** The reference of an artifact. */
export function needsReference(command: string): ArgsCheck {
  return (args, { program }) =>
    args.length === 0
      ? `missing reference to the artifact: use \`${program} ${command} --help\` to see what parameters are required`
      : undefined;
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
  return ([path], { program }) => {
    if (path === undefined) {
      return `missing ${missing}: use \`${program} blob ${command} --help\` to see what parameters are required`;
    }
    return path === '' ? 'blob path cannot be empty' : undefined;
  };
}

/** The file name of `cert show`. */
export const needsCertificateFile: ArgsCheck = (args) => {
  if (args.length === 0) return 'missing certificate file name';
  return args.length > 1 ? 'show only supports single certificate file' : undefined;
};

/** The file name of `cert delete`, or `--all` instead. */
export const needsCertificateOrAll: ArgsCheck = (args, { isOn }) => {
  if (isOn('all')) {
    return args.length === 0
      ? undefined
      : 'cannot delete a single certificate file when --all flag is set. use --help flag for more details';
  }
  return args.length === 0
    ? 'delete requires either the certificate file name that needs to be deleted or --all flag to delete all certificates in the given named trust store'
    : undefined;
};

/** The common name of a test certificate. */
export const needsCommonName: ArgsCheck = ([name]) => {
  if (name === undefined) return 'missing certificate common name';
  // it names a directory too, so that . and .. are no names
  return /^(?!\.{1,2}$)[a-zA-Z0-9_.-]+$/.test(name)
    ? undefined
    : 'certificate common name must follow [a-zA-Z0-9_.-]+ format';
};
