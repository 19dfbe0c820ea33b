import { expect, test } from 'vitest';
import {
  ACTION_FIELDS,
  ACTIONS,
  type ActionFacts,
  UNDOING_FIELDS,
} from '../../src/catalogue/actions.ts';
import { actionsIn } from '../../src/scenario/action-fields.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { jsonSchema } from '../../src/scenario/schema.ts';

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly items: Schema;
}

test('a scenario file may ask for each, in one field or several, and undo what can be undone', () => {
  const { properties } = jsonSchema() as unknown as Schema;
  const { act } = properties['steps']?.items.properties ?? {};
  expect(Object.keys(act?.properties ?? {})).toEqual(expect.arrayContaining([...ACTION_FIELDS]));
  expect(Object.keys(act?.properties['undo']?.properties ?? {})).toEqual([...UNDOING_FIELDS]);
  expect(new Set(ACTION_FIELDS).size).toBe(ACTION_FIELDS.length);
});

/** What a file may write for each field. */
const WRITTEN: Readonly<Record<(typeof ACTION_FIELDS)[number], string>> = {
  patch: '{ spec: { x: 1 } }',
  label: '{ a: b }',
  annotate: '{ a: null }',
  taint: '{ k: "v:NoExecute" }',
  external: '[ipmitool, "{{name}}"]',
  subresource: 'restart',
  evict: 'true',
  delete: 'true',
  watch: 'true',
};

test.each(Object.entries(WRITTEN))('%s is read as one action of its kind', (field, text) => {
  const parsed = parseScenario(
    `
name: any
storage: { class: fast }
steps:
  - act: { on: { kind: Node, name: n1 }, ${field}: ${text}, until: { condition: Ready } }
`,
    'a.yaml',
  );
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const [step] = parsed.scenario.steps;
  if (step?.kind !== 'act') throw new Error('no act');
  const fields: readonly string[] = ACTIONS[step.action.do].fields;
  expect(fields).toContain(field);
});

test('each field of a document is found with its action', () => {
  const evict = { do: 'evict' } as const;
  expect(actionsIn({ evict })).toEqual([['evict', evict]]);
});

test('leaving out a fact of a kind does not compile', () => {
  const { shownBy: _, ...unseen } = ACTIONS.evict;
  // @ts-expect-error: nobody knows what shows the object afterwards
  const kind: ActionFacts<'evict'> = unseen;
  expect(kind).toBeDefined();
});
