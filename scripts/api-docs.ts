// `npm run docs`: the API reference of every public entry, from the declarations that the compiler
// emits, as dist/docs/*.md. A name is documented where it is declared, under the entry that exports it.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readApi } from './api.ts';
import { compile } from './compile.ts';
import { ROOT } from './run-command.ts';

const DOCS = join(ROOT, 'dist/docs');

async function writeDocs(): Promise<number> {
  const compiled = await compile();
  if (compiled !== 0) return compiled;
  await rm(DOCS, { recursive: true, force: true });
  await mkdir(DOCS, { recursive: true });
  const index: string[] = ['# API reference', ''];
  for (const { name, exports } of await readApi()) {
    const file = `${name.replace('@nv2/', '').replaceAll('/', '-')}.md`;
    const sections = exports.map(
      ({ name: title, doc, declaration }) =>
        `## ${title}\n\n${doc ?? ''}\n\n\`\`\`ts\n${declaration}\n\`\`\`\n`,
    );
    await writeFile(join(DOCS, file), [`# ${name}\n`, ...sections].join('\n'));
    index.push(`- [${name}](${file}): ${exports.length} names`);
  }
  await writeFile(join(DOCS, 'README.md'), `${index.join('\n')}\n`);
  process.stderr.write(`nv2: wrote ${DOCS}/README.md\n`);
  return 0;
}

process.exitCode = await writeDocs();
