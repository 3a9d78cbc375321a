// The OCI distribution conformance programme on our registry, with every API and data switch on.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startRegistry } from '@nv2/registry';
import { withTempDir } from '@nv2/testkit';
import { execute } from './execute.ts';
import { peer, skipWithoutPeers } from './peers.ts';

/** What is off by default in one version or the other; the rest is on. */
const SWITCHES: readonly string[] = [
  'OCI_API_BLOBS_DIGEST_HEADER',
  'OCI_API_BLOBS_UPLOAD_CANCEL',
  'OCI_API_MANIFESTS_DIGEST_HEADER',
  'OCI_API_MANIFESTS_TAG_PARAM',
  'OCI_DATA_SPARSE',
];

const skip = await skipWithoutPeers('conformance');

describe('the OCI distribution conformance programme', { skip }, () => {
  for (const version of ['1.1', 'dev']) {
    test(`passes whole with OCI_VERSION=${version}`, async () => {
      await withTempDir(async (dir) => {
        const data = join(dir, 'data');
        const registry = await startRegistry({ dir: data, host: '127.0.0.1', port: 0 });
        try {
          const summary = await execute(await peer('conformance'), [], {
            cwd: dir,
            env: {
              OCI_REGISTRY: registry.url.host,
              OCI_TLS: 'disabled',
              OCI_VERSION: version,
              OCI_RESULTS_DIR: join(dir, 'results'),
              ...Object.fromEntries(SWITCHES.map((name) => [name, 'true'])),
            },
          });
          const table = summary.slice(summary.indexOf('OCI Conformance Result'));
          const rows = new Map(
            [...table.matchAll(/^ {2}(.+?)\.{2,}: +(\w+)$/gm)].map(([, name, value]) => [
              name,
              value,
            ]),
          );
          for (const name of ['Disabled', 'Skip', 'FAIL', 'Error']) {
            assert.equal(rows.get(name), '0', `${name}\n${table}`);
          }
          assert.equal(rows.get('Pass'), rows.get('Total'), table);
          assert.ok(Number(rows.get('Total')) > 1000, table);
          const counts = `${rows.get('Pass')} of ${rows.get('Total')} pass`;
          process.stdout.write(`distribution conformance, OCI_VERSION=${version}: ${counts}\n`);
        } finally {
          await registry.close();
        }
      });
    });
  }
});
