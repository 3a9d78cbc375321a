import { POLICY_SHAPE } from './document.ts';
import type { JsonSchema } from './shape.ts';

/** The JSON Schema (draft 2020-12) of nv2's own policy format, for editors. */
export const OWN_POLICY_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'nv2 trust policy',
  ...POLICY_SHAPE.schema,
};
