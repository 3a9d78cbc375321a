// Package import direction. A package may depend only on packages in a lower row; Biome's
// noUndeclaredDependencies keeps imports honest with package.json, so checking package.json is enough.
import { readdirSync, readFileSync } from 'node:fs';

const LAYERS = [
  ['core'],
  ['x509', 'http'],
  ['envelope', 'oci'],
  ['notary'],
  ['registry'],
  ['cli'],
  ['testkit'],
];
const rank = new Map<string, number>(
  LAYERS.flatMap((row, i) => row.map((name) => [`@nv2/${name}`, i] as const)),
);

const problems: string[] = [];
for (const file of readdirSync('packages').map((d) => `packages/${d}/package.json`)) {
  const { name, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
    name: string;
    dependencies?: Record<string, string>;
  };
  const from = rank.get(name);
  if (from === undefined) problems.push(`${name}: not in LAYERS`);
  for (const dep of Object.keys(dependencies)) {
    const to = rank.get(dep);
    if (to !== undefined && from !== undefined && to >= from) problems.push(`${name} -> ${dep}`);
  }
}
if (problems.length > 0) {
  process.stderr.write(`import direction violated:\n  ${problems.join('\n  ')}\n`);
  process.exitCode = 1;
}
