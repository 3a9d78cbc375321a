// Makes docs/cli.md from the table of commands. Run it to write the file; a test compares.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { cliDocs } from '@nv2/cli';
import { ROOT } from './run-command.ts';

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(`${ROOT}/docs/cli.md`, cliDocs());
