/** The JSON Schema: complete, described, and the same as the file that editors load. */

import { expect, test } from 'vitest';
import { schemaText } from '../../src/cli/schema-command.ts';
import { PARAMETER_GROUPS } from '../../src/parameters/parameters.ts';
import { jsonSchema } from '../../src/scenario/schema.ts';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
}

// After a change of the schema or of a constant: npx vitest run test/scenario/schema.test.ts -u
test('scenarios/schema.json is what `bench schema` prints', async () => {
  await expect(schemaText()).toMatchFileSnapshot('../../scenarios/schema.json');
});

test('it is draft 2020-12 and offers defaults', () => {
  const schema = jsonSchema() as Node & { $schema?: string };
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.properties?.['timeouts']?.properties?.['clone']?.default).toBe('2h');
});

test('every constant of the simulation is a field with unit, default and source', () => {
  const groups = (jsonSchema() as Node).properties?.['simulation']?.properties ?? {};
  for (const [group, parameters] of Object.entries(PARAMETER_GROUPS)) {
    const fields = groups[group]?.properties ?? {};
    expect(Object.keys(fields)).toEqual(Object.keys(parameters));
    for (const field of Object.values(fields)) {
      expect(field.description).toMatch(/; default .+ \((known|calibrated): .+\)\.$/);
    }
  }
});
