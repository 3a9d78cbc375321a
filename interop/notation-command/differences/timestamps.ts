// What is said of timestamps and their authorities.
import { type Difference, STRICT, WORDS } from './difference.ts';

const REFUSED = 'invalid timestamping response: ';
const HOST = String.raw`http:\/\/127\.0\.0\.1:\d+`;

export const OF_TIMESTAMPS: readonly Difference[] = [
  {
    what: 'a URL that no authority can have',
    why: WORDS,
    theirs: /endpoint "(\S+)": scheme must be http or https, but got "\w*"/,
    ours: 'the timestamp authority $1 is not a plain http or https URL',
    on: /^sign --timestamp-url (nowhere|ftp:)/,
  },
  {
    what: 'a URL whose path is a slash',
    why: 'it is the same URL without',
    theirs: 'Post "http://localhost:1/"',
    ours: 'Post "http://localhost:1"',
    on: /^sign --timestamp-url http:\/\/localhost:1\/ /,
  },
  {
    what: 'a root that is no certificate',
    why: 'v2: sign, timestamp flags: what was expected is said',
    theirs: /x509: malformed certificate$/m,
    ours: 'x509: malformed certificate in "text.pem": certificate: found none, neither PEM nor DER. Expecting single x509 root certificate in PEM or DER format from the file',
    on: /^sign --timestamp-url /,
  },
  {
    what: 'a root that another certificate has issued',
    why: WORDS,
    theirs: 'x509: invalid signature: parent certificate cannot sign this kind of certificate',
    ours: 'signature on the certificate of CN=test timestamp authority,O=Notary,ST=WA,C=US does not hold under the key of CN=test timestamp authority,O=Notary,ST=WA,C=US',
    on: /\/leaf\.pem /,
  },
  {
    what: 'a root that is no authority',
    why: 'v2: sign, timestamp flags',
    theirs:
      'failed to check root certificate with error: x509: invalid signature: parent certificate cannot sign this kind of certificate',
    ours: 'certificate from "not-root.pem" is not a root certificate. Expecting single x509 root certificate in PEM or DER format from the file',
    on: / not-root\.pem /,
  },
  {
    what: 'an authority under another root',
    why: WORDS,
    theirs:
      /(?:failed to verify the timestamp countersignature with error: )?(timestamp: )?failed to verify signed token: cms verification failure: x509: certificate signed by unknown authority .*/,
    ours: 'timestamp: no chain from "CN=test timestamp authority,O=Notary,ST=WA,C=US" to any of 1 trusted certificates',
  },
  {
    what: 'an answer of another content type',
    why: WORDS,
    theirs: new RegExp(`POST "(${HOST}/html)": unexpected response content type: text/html`),
    ours: 'the timestamp authority $1 answered with text/html',
  },
  {
    what: 'an answer of another status',
    why: WORDS,
    theirs: new RegExp(`POST "(${HOST}/missing)": https response bad status: 404 Not Found`),
    ours: 'the timestamp authority $1 answered 404',
  },
  {
    what: 'an answer that is none',
    why: WORDS,
    theirs: /asn1: structure error: tags don't match .* Response @2/,
    ours: 'BER: element exceeds its container at byte 1',
  },
  {
    what: 'an authority that refuses, and a plugin',
    why: 'docs/notation.md: a timestamp authority that refuses what a plugin has signed',
    theirs: 'failed to sign with the plugin raw: timestamp:',
    ours: 'timestamp:',
  },
  {
    what: 'an authority that refuses',
    why: WORDS,
    theirs: `${REFUSED}invalid response with status code 2: rejected`,
    ours: 'timestamp response: expected a timestamp, got rejection',
  },
  {
    what: 'another nonce, or none',
    why: WORDS,
    theirs: new RegExp(`${REFUSED}nonce in response \\S+ does not match nonce in request \\d+`),
    ours: 'it has not the nonce of the request',
  },
  {
    what: 'a yes without a token',
    why: WORDS,
    theirs: new RegExp(`${REFUSED}cms: syntax error: .* data structures is empty`),
    ours: 'timestamp response: granted, and there is no token',
  },
  {
    what: 'the timestamp of something else',
    why: WORDS,
    theirs: new RegExp(`${REFUSED}message imprint in response .* does not match with request .*`),
    ours: 'it has not the imprint asked for',
  },
  {
    what: 'a timestamp that a plugin which makes whole envelopes cannot add',
    why: STRICT,
    theirs: /^= 0\n\| Successfully signed .*$/,
    ours: '= 1\n! Error: the plugin whole makes whole envelopes, and their timestamps with them: none can be added',
    on: /^sign .*--timestamp-url .*--plugin whole /,
  },
];
