// What is said of trust stores and image layouts.
import { type Difference, WORDS } from './difference.ts';

export const OF_STORES: readonly Difference[] = [
  {
    what: 'a trusted certificate that is none',
    why: WORDS,
    theirs: 'in trust store text of type ca. x509: malformed certificate',
    ours: 'in trust store text of type ca. expected a certificate in PEM or DER form in {{home}}/.config/notation/truststore/x509/ca/text/text.crt: certificate: found none, neither PEM nor DER',
  },
  {
    what: 'a slip of the real command',
    why: 'docs/notation.md: texts of the Go runtime are said in plain words',
    theirs: '. %!w(<nil>)',
  },
  {
    what: 'a layout that is not there',
    why: WORDS,
    theirs: 'failed to create OCI store: stat missing: no such file or directory',
    ours: 'there is no layout at {{home}}/missing',
  },
  {
    what: 'a file as a layout',
    why: 'nv2 reads archives of layouts, too',
    theirs: 'failed to create OCI store: the input path is not a directory',
    ours: 'malformed archive: checksum is not a number',
  },
  {
    what: 'what ours has signed in a layout',
    why: 'v2: signature manifests have an artifactType, which 1.3 does not look at in a layout',
    adds: /^\| {5}└── sha256:[0-9a-f]{64}$/,
    on: /^list --oci-layout /,
  },
  {
    what: 'an empty scope',
    why: 'what is named and empty is refused: the path of the layout was not meant',
    theirs: /registry scope "\/\S+\/layout"/,
    ours: 'registry scope ""',
    on: /^verify --oci-layout --scope {2}/,
  },
];
