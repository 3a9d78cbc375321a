// Makes docs/schemas/policy.schema.json from the shapes that nv2 reads its own policy format by. Run it
// to write the file; a test compares.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { OWN_POLICY_SCHEMA } from '@nv2/notary';
import { ROOT } from './run-command.ts';

/** Where the schema is kept. */
export const POLICY_SCHEMA_FILE: string = `${ROOT}/docs/schemas/policy.schema.json`;

/** The whole text of the schema. */
export function policySchemaText(): string {
  return `${JSON.stringify(OWN_POLICY_SCHEMA, undefined, 2)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(POLICY_SCHEMA_FILE, policySchemaText());
