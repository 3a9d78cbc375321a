// `npm run bench`: every measurement but floors and scan-sizes, one after the other. Arguments name the
// ones to run.
import { runNode } from '../scripts/run-command.ts';

const PROGRAMS = [
  'codecs',
  'certificates',
  'crl',
  'envelopes',
  'verify',
  'throughput',
  'round-trips',
  'registry-blob',
  'blobs',
  'executable',
  'scan',
];

const named = process.argv.slice(2);
for (const program of named.length > 0 ? named : PROGRAMS) {
  process.stdout.write(`\n${program}\n`);
  const code = await runNode([`bench/${program}.ts`]);
  if (code !== 0) process.exitCode = code;
}
