// What is said of plugins that sign.
import { type Difference, STRICT, WORDS } from './difference.ts';

const FAILED = 'failed to sign with the plugin';
const NOT_VERIFIED = 'generated signature failed verification:';
const UNUSABLE = 'the answer of the plugin raw cannot be used:';
const MISMATCH =
  'mismatch between signature algorithm derived from signing certificate (1) and signing algorithm specified';
const MUTTERED = `, and what it says is not as the contract has it: "no JSON"`;

export const OF_SIGNING_PLUGINS: readonly Difference[] = [
  {
    what: 'a chain without certificates',
    why: 'v2: sign via plugin',
    theirs: 'certificate-chain not present or is empty',
    ours: `${NOT_VERIFIED} certificate chain is not present`,
  },
  {
    what: 'a signature without a byte',
    why: 'it is one that does not hold',
    theirs: 'signature missing in jws-json envelope',
    ours: `${NOT_VERIFIED} signature is invalid. Error: crypto/rsa: verification error`,
  },
  {
    what: 'an algorithm that is not that of the key',
    why: STRICT,
    theirs: /^= 0\n\| Successfully signed .*$/,
    ours: `= 1\n! Error: ${FAILED} raw: ${UNUSABLE} it signed with "none", expected RSASSA-PSS-SHA-256`,
    on: /"signingAlgorithm":"none"/,
  },
  {
    what: 'an algorithm of another kind of key',
    why: STRICT,
    theirs: /^= 0\n\| Successfully signed .*$/,
    ours: `= 1\n! Error: ${FAILED} raw: ${UNUSABLE} it signed with "ECDSA-SHA-256", expected RSASSA-PSS-SHA-256`,
    on: /"signingAlgorithm":"ECDSA-SHA-256"/,
  },
  {
    what: 'a key of another kind than was said',
    why: WORDS,
    theirs: `${MISMATCH} (4s)`,
    ours: `${UNUSABLE} it signed with "RSASSA-PSS-SHA-256", expected ECDSA-SHA-256`,
  },
  {
    what: 'a key of another size than was said',
    why: WORDS,
    theirs: `${MISMATCH} (2s)`,
    ours: `${UNUSABLE} it signed with "RSASSA-PSS-SHA-256", expected RSASSA-PSS-SHA-384`,
  },
  {
    what: 'a kind of key that is none',
    why: WORDS,
    theirs: 'unknown key spec',
    ours: `${UNUSABLE} its key is of "RSA-1", which cannot sign`,
    on: /"RSA-1"/,
  },
  {
    what: 'no kind of key',
    why: WORDS,
    theirs: 'unknown key spec',
    ours: `${UNUSABLE} its key is of "", which cannot sign`,
    on: /"keySpec":""/,
  },
  {
    what: 'a certificate of another kind of key than was said',
    why: WORDS,
    theirs: MISMATCH.replace('(1)', '(4)').concat(' (1s)'),
    ours: `${NOT_VERIFIED} the envelope says PS256, the leaf certificate's key fixes ES256`,
  },
  ...['get-plugin-metadata', 'describe-key', 'generate-signature', 'generate-envelope'].flatMap(
    (command): readonly Difference[] => {
      const plugin = command === 'generate-envelope' ? 'whole' : 'raw';
      return [
        {
          what: `a plugin that fails at ${command} and does not say why`,
          why: WORDS,
          theirs: 'exit status 3',
          ours: `the plugin ${plugin} could not be run for ${command}: ended with 3 and said nothing`,
          on: new RegExp(`^sign .*crash=${command} `),
        },
        {
          what: `a plugin that fails at ${command} and says why in words of its own`,
          why: WORDS,
          theirs: "invalid character 'o' in literal null (expecting 'u')",
          ours: `the plugin ${plugin} failed at ${command}${MUTTERED}`,
          on: new RegExp(`^sign .*mutter=${command} `),
        },
      ];
    },
  ),
  {
    what: 'an envelope that is no JSON',
    why: WORDS,
    theirs: "invalid character '\\x00' looking for beginning of value",
    ours: `${NOT_VERIFIED} envelope: JSON: unexpected character at line 1, column 1`,
  },
  {
    what: 'an envelope without a byte',
    why: WORDS,
    theirs: 'unexpected end of JSON input',
    ours: `${NOT_VERIFIED} envelope: JSON: unexpected end at line 1, column 1`,
    on: /^sign --plugin whole /,
  },
  {
    what: 'how descriptors are written',
    why: WORDS,
    theirs:
      /\{MediaType:(\S+) Digest:(\S+) Size:(\d+) URLs:\[\] Annotations:map\[\] Data:\[\] Platform:<nil> ArtifactType:\} to \{MediaType:(\S+) Digest:(\S+) Size:(\d+) URLs:.*/,
    ours: '{"mediaType":"$1","digest":"$2","size":$3,"annotations":{}} to {"mediaType":"$4","digest":"$5","size":$6}',
  },
  {
    what: 'a payload whose target is no descriptor',
    why: WORDS,
    theirs: /during signing descriptor subject has changed from .* to \{MediaType: .*/,
    ours: `${NOT_VERIFIED} mediaType must be text`,
    on: /"targetArtifact":\{\},/,
  },
  {
    what: 'a payload without a target',
    why: WORDS,
    theirs: /during signing descriptor subject has changed from .* to \{MediaType: .*/,
    ours: `${NOT_VERIFIED} targetArtifact must be a JSON object`,
    on: /payload=\{\} /,
  },
];
