// The conformance programme of the distribution specification, with every switch turned on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRegistry } from '@nv2/registry';
import { peer, skipWithoutPeers } from '../../../interop/peers.ts';

/** The switches of the programme (its README, configuration); what is absent is on by default. */
const EVERYTHING = [
  'API_PING',
  'API_PULL',
  'API_PUSH',
  'API_BLOBS_ATOMIC',
  'API_BLOBS_DELETE',
  'API_BLOBS_DIGEST_HEADER',
  'API_BLOBS_MOUNT_ANONYMOUS',
  'API_BLOBS_UPLOAD_CANCEL',
  'API_MANIFESTS_ATOMIC',
  'API_MANIFESTS_DELETE',
  'API_MANIFESTS_DIGEST_HEADER',
  'API_MANIFESTS_TAG_PARAM',
  'API_TAGS_ATOMIC',
  'API_TAGS_DELETE',
  'API_TAGS_LIST',
  'API_REFERRER',
  'DATA_IMAGE',
  'DATA_INDEX',
  'DATA_INDEX_LIST',
  'DATA_SPARSE',
  'DATA_ARTIFACT',
  'DATA_SUBJECT',
  'DATA_SUBJECT_MISSING',
  'DATA_ARTIFACT_LIST',
  'DATA_SUBJECT_LIST',
  'DATA_DATA_FIELD',
  'DATA_NONDISTRIBUTABLE',
  'DATA_CUSTOM_FIELDS',
  'DATA_NO_LAYERS',
  'DATA_EMPTY_BLOB',
  'DATA_SHA512',
];

const skip = await skipWithoutPeers('conformance');

for (const version of ['1.1', 'dev']) {
  test(`the OCI conformance programme passes with OCI_VERSION=${version}`, { skip }, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'nv2-conformance-'));
    const registry = await startRegistry({
      dir: join(directory, 'registry'),
      host: '127.0.0.1',
      port: 0,
    });
    try {
      const report = await runProgramme(directory, {
        OCI_VERSION: version,
        OCI_REGISTRY: registry.url.host,
      });
      const { summary, counts } = readSummary(report);
      for (const line of summary) t.diagnostic(line);
      assert.ok((counts.get('Pass') ?? 0) > 1000, report);
      for (const outcome of ['FAIL', 'Error', 'Skip', 'Disabled']) {
        assert.equal(counts.get(outcome), 0, report);
      }
    } finally {
      await registry.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
}

async function runProgramme(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(await peer('conformance'), [], {
    cwd: directory,
    env: {
      ...settings,
      OCI_TLS: 'disabled',
      OCI_RESULTS_DIR: join(directory, 'results'),
      ...Object.fromEntries(EVERYTHING.map((name) => [`OCI_${name}`, 'true'])),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let report = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      report += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, report);
  return report;
}

/** The lines `Outcome....: count` at the end of a report. */
function readSummary(report: string): {
  readonly summary: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
} {
  const from = report.indexOf('OCI Conformance Result:');
  const summary = report.slice(from).split('\n\n', 1)[0]?.split('\n') ?? [];
  const counts = new Map<string, number>();
  for (const line of summary) {
    const match = /^\s+(\w+)\.+:\s+(\d+)$/.exec(line);
    if (match?.[1] !== undefined) counts.set(match[1], Number(match[2]));
  }
  return { summary, counts };
}
