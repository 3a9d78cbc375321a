// `npm run build:executable [-- --target PLATFORM…]`: writes dist/nv2 and dist/notation, or those of
// other platforms into a folder of dist/ each.
import { parseArgs } from 'node:util';
import { TARGETS, type Target } from './bun-runtime.ts';
import { buildExecutable } from './executable.ts';

const { values } = parseArgs({ options: { target: { type: 'string', multiple: true } } });
const targets = values.target ?? [undefined];
const unknown = targets.find((name) => name !== undefined && !TARGETS.includes(name as Target));
if (unknown === undefined) {
  for (const target of targets as readonly (Target | undefined)[]) {
    process.stderr.write(`nv2: built ${await buildExecutable(target)}/nv2\n`);
  }
} else {
  process.stderr.write(`nv2: no target "${unknown}": expected one of ${TARGETS.join(', ')}\n`);
  process.exitCode = 2;
}
