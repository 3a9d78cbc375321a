// What is said of signing keys.
import { type Difference, STRICT, WORDS } from './difference.ts';

export const OF_KEYS: readonly Difference[] = [
  {
    what: 'a plugin name that is a path',
    why: STRICT,
    theirs:
      'plugin executable file is either not found or inaccessible: stat {{home}}/.config/notation/wabbit/notation-../wabbit: no such file or directory',
    ours: '"../wabbit" is no plugin name',
    on: /^key add /,
  },
  {
    what: 'a list of keys that is no JSON',
    why: WORDS,
    theirs: 'unexpected EOF',
    ours: '{{home}}/.config/notation/signingkeys.json: not JSON: expected a value at line 1 column 9',
    on: /^key list$/,
  },
  {
    what: 'a list of keys that is no object',
    why: WORDS,
    theirs: 'json: cannot unmarshal array into Go value of type config.SigningKeys',
    ours: '{{home}}/.config/notation/signingkeys.json: the document is not an object',
    on: /^key list$/,
  },
  {
    what: 'a key that does not belong to its certificate',
    why: WORDS,
    theirs: 'tls: private key type does not match public key type',
    ours: 'the private key in signer.key does not belong to the first certificate in elliptic.crt',
    on: /^sign -k mixed /,
  },
  {
    what: 'a key that belongs to another certificate',
    why: WORDS,
    theirs: 'tls: private key type does not match public key type',
    ours: 'the private key in signer.key does not belong to the first certificate in signer.root.crt',
    on: /^sign -k alone /,
  },
  {
    what: "a key and a certificate in each other's place",
    why: WORDS,
    theirs:
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ours: 'expected a certificate in PEM or DER form in signer.key: certificate: expected a PEM CERTIFICATE, got PRIVATE KEY',
    on: /^sign -k swapped /,
  },
  {
    what: 'a key id or a plugin without a name',
    why: 'what is named and empty is refused: the default key was not meant',
    theirs: /failed to get manifest descriptor: Head .*/g,
    ours: 'missing key id',
    on: /^sign --id {2}--plugin x /,
  },
  {
    what: 'a plugin without a name',
    why: 'what is named and empty is refused: the default key was not meant',
    theirs: /failed to get manifest descriptor: Head .*/g,
    ours: 'plugin name cannot be empty',
    on: /^sign --id x --plugin {2}/,
  },
  {
    what: 'a plugin that is named, and a key id that is empty',
    why: 'what is named and empty is refused: the default key was not meant',
    theirs: /default signing key not set\. Please .*/,
    ours: 'missing key id',
    on: /^sign --plugin raw --id= /,
  },
];
