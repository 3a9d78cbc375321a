// What packages may lean on. Imports: only packages in a lower row; Biome's noUndeclaredDependencies
// keeps imports honest with package.json, so checking package.json is enough. The rows of the library
// have no dependency outside the repository, and its pure packages use neither clock, timers, network
// nor chance: those come in from outside.
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
const LIBRARY_ROWS = rank.get('@nv2/notary') ?? 0;

const PURE = ['core', 'x509', 'envelope'];
const IMPURE =
  /\b(?:Date\.now\(|new Date\(\)|performance\.now|setTimeout\(|setInterval\(|fetch\(|Math\.random)/;

function dependencyProblems(file: string): readonly string[] {
  const { name, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
    name: string;
    dependencies?: Record<string, string>;
  };
  const from = rank.get(name);
  if (from === undefined) return [`${name}: not in LAYERS`];
  return Object.keys(dependencies).flatMap((dependency) => {
    const to = rank.get(dependency);
    if (to !== undefined) return to >= from ? [`${name} -> ${dependency}`] : [];
    return from <= LIBRARY_ROWS ? [`${name} -> ${dependency}: from outside the repository`] : [];
  });
}

function impureLines(name: string): readonly string[] {
  const folder = `packages/${name}/src`;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      readFileSync(`${folder}/${file}`, 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          IMPURE.test(line) ? [`${folder}/${file}:${at + 1}: ${line.trim()}`] : [],
        ),
    );
}

const problems = [
  ...readdirSync('packages').flatMap((name) => dependencyProblems(`packages/${name}/package.json`)),
  ...PURE.flatMap(impureLines),
];
if (problems.length > 0) {
  process.stderr.write(`packages lean on what they must not:\n  ${problems.join('\n  ')}\n`);
  process.exitCode = 1;
}
