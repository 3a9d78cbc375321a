// Where ours is meant to differ from the real v1.3.2: it does as v2.0.0-alpha.1 does, or as
// docs/notation.md says.
import { OF_CERTIFICATES } from './differences/certificates.ts';
import type { Difference } from './differences/difference.ts';
import { OF_HELP } from './differences/help.ts';
import { OF_KEYS } from './differences/keys.ts';
import { OF_PLUGINS } from './differences/plugins.ts';
import { OF_POLICIES } from './differences/policies.ts';
import { OF_REGISTRIES } from './differences/registries.ts';
import { OF_SIGNATURES } from './differences/signatures.ts';
import { OF_SIGNING_PLUGINS } from './differences/signing-plugins.ts';
import { OF_STORES } from './differences/stores.ts';
import { OF_TIMESTAMPS } from './differences/timestamps.ts';

/** Every difference that is meant; whatever else differs fails the test. */
export const DIFFERENCES: readonly Difference[] = [
  ...OF_HELP,
  ...OF_POLICIES,
  ...OF_SIGNATURES,
  ...OF_CERTIFICATES,
  ...OF_KEYS,
  ...OF_STORES,
  ...OF_REGISTRIES,
  ...OF_PLUGINS,
  ...OF_SIGNING_PLUGINS,
  ...OF_TIMESTAMPS,
];
