// What is said of trust policies.
import { type Difference, WORDS } from './difference.ts';

export const OF_POLICIES: readonly Difference[] = [
  {
    what: 'a policy is said to be of OCI artifacts',
    why: 'v2: texts of verify, policy errors',
    theirs: /(?<=: )trust policy(?=: )|(?<!oci )trust policy(?= document )/g,
    ours: 'oci trust policy',
  },
  {
    what: 'so are its statements',
    why: 'v2: texts of verify, policy errors',
    theirs:
      /(?<=multiple |no applicable )trust policy statement|(?<=Error: )trust policy statement(?= "all" (?:has zero|uses wildcard registry))/g,
    ours: 'oci trust policy statement',
  },
  {
    what: 'where a policy is no JSON of its kind',
    why: 'docs/notation.md: a second line says so',
    adds: /^! \{\{home\}\}\/\.config\/notation\/trustpolicy\.json: (not JSON: expected a (value|string) at line 1 column \d|the document is not an object|trustPolicies\[0\]\.\w+ is not an? \w+)$/,
  },
  {
    what: 'a policy that is missing',
    why: 'v2: texts of policy show',
    theirs: 'failed to show trust policy as the trust policy file does not exist.',
    ours: 'failed to show OCI trust policy as the configuration does not exist.',
  },
  {
    what: 'a policy is imported into a file of its kind',
    why: 'v2: texts of policy import',
    theirs: 'Trust policy configuration imported successfully.',
    ours: 'Successfully imported OCI trust policy configuration to {{home}}/.config/notation/trustpolicy.oci.json.',
  },
  {
    what: 'the question before a policy is replaced',
    why: 'v2: texts of policy import',
    theirs: 'The trust policy file already exists',
    ours: 'The OCI trust policy configuration already exists',
  },
  {
    what: 'the warning before a policy is replaced',
    why: 'v2: texts of policy import',
    theirs: 'existing trust policy configuration file will',
    ours: 'existing OCI trust policy configuration will',
  },
  {
    what: 'a policy file that cannot be read',
    why: 'v2: texts of policy import',
    theirs: 'failed to read trust policy file:',
    ours: 'failed to read OCI trust policy configuration:',
  },
  {
    what: 'a policy file that is a directory',
    why: 'v2: files, policies are refused if they are directories or links',
    theirs: /(?:read \.: is a directory)/g,
    ours: 'trust policy is not a regular file (symlinks are not supported). To create a trust policy, see: https://notaryproject.dev/docs/quickstart/#create-a-trust-policy',
  },
  {
    what: 'the policy of the configuration that is a directory',
    why: 'v2: files, policies are refused if they are directories or links',
    theirs:
      'failed to show trust policy: read {{home}}/.config/notation/trustpolicy.json: is a directory',
    ours: 'failed to show OCI trust policy: trust policy is not a regular file (symlinks are not supported). To create a trust policy, see: https://notaryproject.dev/docs/quickstart/#create-a-trust-policy',
  },
  {
    what: 'a policy that breaks a rule',
    why: 'v2: texts of policy import',
    theirs: 'failed to validate trust policy: ',
    ours: 'failed to validate OCI trust policy configuration: ',
  },
  {
    what: 'a policy that is no JSON of its kind',
    why: WORDS,
    theirs:
      /failed to parse trust policy configuration: (?:unexpected end of JSON input|json: cannot unmarshal .*)/g,
    ours: 'failed to parse OCI trust policy configuration: malformed trust policy. To create a trust policy, see: https://notaryproject.dev/docs/quickstart/#create-a-trust-policy',
  },
  {
    what: 'where a policy to import is no JSON of its kind',
    why: 'docs/notation.md: a second line says so',
    adds: /^! (not JSON: expected a (value|string) at line 1 column \d|the document is not an object|\w+ is not an? \w+)$/,
    on: /^policy /,
  },
  {
    what: 'a policy of the configuration that is no JSON',
    why: 'v2: texts of policy show',
    theirs: 'Error: unexpected end of JSON input',
    ours: 'Error: malformed trust policy. To create a trust policy, see: https://notaryproject.dev/docs/quickstart/#create-a-trust-policy',
    on: /^policy show$/,
  },
  {
    what: 'a policy that is a link',
    why: 'v2: files, policies are refused if they are directories or links',
    theirs: /^= 0\n\| \{"version":"linked"\} \(no line feed\)\n! Error: .*\n! Existing trust .*$/,
    ours: '= 1\n! Error: failed to show OCI trust policy: trust policy is not a regular file (symlinks are not supported). To create a trust policy, see: https://notaryproject.dev/docs/quickstart/#create-a-trust-policy',
    on: /^policy show$/,
  },
  {
    what: 'a policy that is shown and is wrong is a failure',
    why: 'v2: texts of policy show',
    theirs: /^= 0\n(\|.*\n)! Error: (.*)\n! Existing trust policy configuration is invalid, (.*)$/,
    ours: '= 1\n$1! Existing OCI trust policy configuration is invalid, $3. See https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md#trust-policy-for-oci-artifacts for a trust policy example.\n! Error: $2',
    on: /^policy show$/,
  },
  {
    what: 'why a name is none',
    why: WORDS,
    theirs: 'failed with err: DN ended with incomplete type, value pair.',
    ours: 'failed.',
  },
  {
    what: 'the line of a question without an answer',
    why: 'an operation that was not done is said to be cancelled, on a line of its own',
    theirs: '[y/N]  (no line feed)',
    ours: '[y/N] ',
  },
  {
    what: 'a question without an answer',
    why: 'an operation that was not done is said to be cancelled',
    adds: /^! (Warning: no answer on standard input, operation cancelled)?$/,
    on: /^policy import good\.json$/,
  },
  {
    what: 'the old name of the policy file',
    why: 'v2: texts of policy show',
    adds: /^! Warning: old trust policy `trustpolicy\.json` is deprecated; please update the trust policy configuration via `notation policy import`\.$/,
    on: /^policy show$/,
  },
];
