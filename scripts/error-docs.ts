// Makes docs/errors.md from the packages' error tables. Run it to write the file; a test compares.
import { readdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { ErrorTable } from '@nv2/core';
import { EXIT_CODE_OF_KIND } from '../packages/cli/src/exit-codes.ts';
import { ROOT } from './run-command.ts';

/** Every package's table of error codes, by package name, in the order of their names. */
export async function errorTables(): Promise<ReadonlyMap<string, ErrorTable>> {
  const tables = new Map<string, ErrorTable>();
  for (const name of (await readdir(`${ROOT}/packages`)).sort()) {
    const url = pathToFileURL(`${ROOT}/packages/${name}/src/errors.ts`).href;
    const module = (await import(url).catch(() => ({}))) as Record<string, unknown>;
    for (const [key, value] of Object.entries(module))
      if (key.endsWith('_ERRORS')) tables.set(name, value as ErrorTable);
  }
  return tables;
}

/** The whole text of docs/errors.md. */
export async function errorDocs(): Promise<string> {
  const parts = [
    `# Error codes

Every error that nv2 raises on purpose has a \`code\`, which is public API, and a \`kind\`. The message
says what was got and what was expected; a hint, where there is one, says the next step.

| kind | means | exit code of \`nv2\` | HTTP status of our services |
|---|---|---|---|
| \`input\` | the data, file or argument given is malformed | ${EXIT_CODE_OF_KIND.input} | 400 |
| \`untrusted\` | a signature, certificate or digest was checked and does not hold | ${EXIT_CODE_OF_KIND.untrusted} | 400 |
| \`denied\` | access was refused | ${EXIT_CODE_OF_KIND.denied} | 401 or 403 |
| \`missing\` | something that was named does not exist | ${EXIT_CODE_OF_KIND.missing} | 404 |
| \`conflict\` | the state changed underneath, or is already what was to be made | ${EXIT_CODE_OF_KIND.conflict} | 409 |
| \`unavailable\` | it could not be decided now: network, time-out, a limit of the other side | ${EXIT_CODE_OF_KIND.unavailable} | 503 |
| \`internal\` | a defect of nv2 | ${EXIT_CODE_OF_KIND.internal} | 500 |

A verification that was decided against ends with 1 whatever the kind of its cause, one that could not
be decided, as by a trust store that is missing or broken or a verification plugin that does not work,
with 3.

This file is made by \`scripts/error-docs.ts\` from the tables in \`packages/*/src/errors.ts\`.
`,
  ];
  for (const [name, table] of await errorTables()) {
    const rows = Object.entries(table).map(
      ([code, { kind, meaning }]) => `| \`${code}\` | ${kind} | ${meaning} |`,
    );
    parts.push(`## @nv2/${name}\n\n| code | kind | means |\n|---|---|---|\n${rows.join('\n')}\n`);
  }
  return parts.join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(`${ROOT}/docs/errors.md`, await errorDocs());
