// What is said of registries, references and logins.
import { type Difference, WORDS } from './difference.ts';

const UNUSABLE = 'failed to get credentials store: cannot use';
const UNOPENED =
  'failed to get credentials store: failed to create credential store from (?:docker )?config file';

/** A config.json that Go's decoder refuses; `$1` is its path. */
const undecoded = (reason: string): RegExp =>
  new RegExp(
    `${UNOPENED}: failed to decode config file at (\\S+): invalid config format: ${reason}`,
    'g',
  );

const unmarshalled = (field: string): RegExp =>
  new RegExp(`${UNOPENED}: failed to unmarshal ${field} field: .*`, 'g');

const NO_HELPER = 'docker-credential-test is not installed';

export const OF_REGISTRIES: readonly Difference[] = [
  {
    what: 'nothing listens',
    why: WORDS,
    theirs: 'dial tcp 127.0.0.1:1: connect: connection refused',
    ours: 'connect ECONNREFUSED 127.0.0.1:1',
  },
  {
    what: 'a login to nowhere',
    why: 'what is named and empty is refused',
    theirs: 'failed to get registry client: invalid reference: invalid registry ""',
    ours: 'no hostname specified',
  },
  {
    what: 'a logout from nowhere',
    why: 'what is named and empty is refused',
    theirs: '= 0\n| Logout Succeeded',
    ours: '= 1\n! Error: no hostname specified',
    on: /^logout $/,
  },
  {
    what: 'a helper for credentials that is not there',
    why: WORDS,
    theirs:
      /(?:HEAD "\S+": failed to resolve credential: )?exec: "docker-credential-test": executable file not found in \$PATH/g,
    ours: NO_HELPER,
  },
  {
    what: 'a config.json that is no JSON',
    why: WORDS,
    theirs: undecoded('unexpected EOF'),
    ours: `${UNUSABLE} $1: JSON: expected a key in double quotes at line 1, column 2`,
  },
  {
    what: 'a config.json that is no object',
    why: WORDS,
    theirs: undecoded('json: cannot unmarshal array .*'),
    ours: `${UNUSABLE} $1: it is not a JSON object`,
  },
  {
    what: 'a config.json that is a directory',
    why: WORDS,
    theirs: undecoded('read \\S+: is a directory'),
    ours: `${UNUSABLE} $1: it cannot be read: EISDIR`,
  },
  {
    what: 'credentials in a config.json that are no object',
    why: 'the file is named',
    theirs: unmarshalled('auths'),
    ours: `${UNUSABLE} {{home}}/.config/notation/config.json: auths is not an object`,
  },
  {
    what: 'a helper in a config.json that is no text',
    why: 'the file is named',
    theirs: unmarshalled('creds store'),
    ours: `${UNUSABLE} {{home}}/.config/notation/config.json: credsStore is not a string`,
  },
  {
    what: 'helpers in a config.json that are no text',
    why: 'the file is named',
    theirs: unmarshalled('cred helpers'),
    ours: `${UNUSABLE} {{home}}/.config/notation/config.json: credHelpers holds more than strings`,
  },
  {
    what: 'the credential of one registry in a config.json that is none',
    why: 'the file is named',
    theirs:
      /HEAD "http:\/\/(\S+?)\/\S+": failed to resolve credential: failed to unmarshal auth field: .*/g,
    ours: 'cannot use {{home}}/.config/notation/config.json: auths of $1 is not an object',
  },
  {
    what: 'the credential of one registry in a config.json that is not base64',
    why: 'the file is named',
    theirs:
      /HEAD "http:\/\/(\S+?)\/\S+": failed to resolve credential: failed to decode auth field: .*/g,
    ours: 'cannot use {{home}}/.config/notation/config.json: auth of $1 is not base64 of name:password',
  },
  {
    what: 'a user name without a password',
    why: 'the registry is asked, and says no',
    theirs: 'missing username or password for basic auth',
    ours: 'response status code 401: Unauthorized',
    on: /^list -u alice \S+$/,
  },
  {
    what: 'a page that is no manifest',
    why: 'docs/notation.md: a registry that answers HEAD without length',
    theirs: 'unknown response Content-Length',
    ours: 'Content-Type text/html is of no manifest',
    on: /\/html\/app/,
  },
  {
    what: 'a manifest without a length, and a list without a list',
    why: 'docs/notation.md: a registry that answers HEAD without length',
    theirs: /failed to get manifest descriptor: HEAD "\S+": unknown response Content-Length/g,
    ours: 'failed to list the signatures of sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: malformed list of referrers: no manifests',
    on: /\/listless\/app/,
  },
  {
    what: 'a port that is none',
    why: 'a reference is refused before anything is asked for',
    theirs:
      'failed to get manifest descriptor: Head "http://localhost:99999/v2/app/manifests/v1": dial tcp: address 99999: invalid port',
    ours: '"localhost:99999/app:v1": invalid reference: invalid registry "localhost:99999". Expecting <registry>/<repository>:<tag> or <registry>/<repository>@<digest>',
  },
  {
    what: 'which part of an address is wrong',
    why: 'the first one',
    theirs: /invalid repository "\/localhost[^"]*"/g,
    ours: 'invalid registry "http:"',
  },
  {
    what: 'a flag of version 1, without experiments',
    why: 'docs/notation.md: --allow-referrers-api is accepted',
    theirs:
      /! Error: flag\(s\) --allow-referrers-api in "notation \w+" is experimental and not enabled by default\. .*/g,
    ours: '! Warning: flag \'--allow-referrers-api\' is deprecated and will be removed in future versions.\n! Error: failed to get manifest descriptor: Head "http://localhost:1/v2/app/manifests/v1": connect ECONNREFUSED 127.0.0.1:1',
  },
  {
    what: 'a flag of version 1, with experiments',
    why: 'docs/notation.md: --allow-referrers-api is accepted',
    theirs: /^! Warning: This feature is experimental and .*$/gm,
    on: /--allow-referrers-api/,
  },
  {
    what: 'the group of a flag of version 1',
    why: 'v2: sign, groups of flags',
    theirs: '[oci-layout force-referrers-tag allow-referrers-api]',
    ours: '[oci-layout force-referrers-tag]',
  },
];
