import { join } from 'node:path';
import { expect, test } from 'vitest';
import { milestoneWord } from '../../src/catalogue/milestone-marks.ts';
import { type AskedKind, STEP_KINDS, type StepKindFacts } from '../../src/catalogue/step-kinds.ts';
import { verbFacts, VERBS } from '../../src/catalogue/verbs.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { jsonSchema } from '../../src/scenario/schema.ts';
import { ROOT } from '../support/sources.ts';

const ASKED = Object.entries<StepKindFacts>(STEP_KINDS).filter(
  ([, { does }]) => does !== undefined,
);

test('a scenario file may ask for each kind, in its words and with its milestones', () => {
  const { steps } = jsonSchema()['properties'] as { steps: { items: { properties: Fields } } };
  const { properties } = steps.items;
  // What stands for several steps is no kind of its own.
  const kinds = Object.keys(properties).filter((word) => word !== 'churn' && word !== 'together');
  expect(kinds.sort()).toEqual(ASKED.map(([kind]) => kind).sort());
  for (const [kind, { does, goals }] of ASKED) {
    expect(properties[kind]?.description).toBe(does);
    const until = properties[kind]?.properties?.wave?.properties.until;
    if (kind === 'pause') continue;
    // That a guest answers is said by what it is asked.
    const words = goals.filter((goal) => goal !== 'reachable').map(milestoneWord);
    expect(until?.enum ?? until?.anyOf?.[0]?.enum, kind).toEqual(words);
    expect(until?.default, kind).toBe(milestoneWord(goals[0] ?? 'none'));
  }
});

interface Until {
  readonly enum?: readonly string[];
  readonly anyOf?: readonly { readonly enum?: readonly string[] }[];
  readonly default: string;
}

interface Fields {
  readonly [kind: string]: {
    readonly description?: string;
    readonly properties?: {
      readonly wave?: {
        readonly properties: { readonly until: Until };
      };
    };
  };
}

test('each kind is planned as the kind that histories call it', () => {
  const loaded = loadScenario(join(ROOT, 'test', 'support', 'every-step.yaml'), []);
  if (!('scenario' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  const { scenario } = loaded;
  const kinds = new Set<AskedKind>(scenario.steps.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(ASKED.map(([kind]) => kind).sort());
  const planned = makePlan(scenario, { runId: 'r' }).steps.filter(({ kind }) => kind !== 'image');
  expect(planned.map(({ kind }) => kind)).toEqual(
    scenario.steps.map(({ kind }) => STEP_KINDS[kind].recordedAs),
  );
  const verbs = planned.flatMap((step) =>
    step.kind === 'pause' ? [] : step.waves.flatMap(({ operations }) => operations),
  );
  expect(new Set(verbs.map(({ verb }) => verb))).toEqual(new Set(Object.keys(VERBS)));
});

test('leaving out a fact of a kind does not compile', () => {
  const { goals: _, ...aimless } = STEP_KINDS.clone;
  // @ts-expect-error: nobody knows what its waves wait for
  const kind: StepKindFacts = aimless;
  expect(kind).toBeDefined();
});

test('what a verb measures ends with what it is for', () => {
  expect(verbFacts('stop')).toMatchObject({ purpose: 'stopped', soAlready: { status: 409 } });
  expect(verbFacts('delete')).toMatchObject({ purpose: 'deleted', soAlready: { status: 404 } });
  expect(verbFacts('create').soAlready).toEqual({ status: 409, needsUid: true });
});
