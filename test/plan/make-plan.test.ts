/** Plans: ids, waves, intended starts, arms; and the plan of the smoke scenario, in full. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makePlan, type PlanOptions } from '../../src/plan/make-plan.ts';
import type { Plan, PlannedOperation, WaveStep } from '../../src/plan/plan.ts';
import { makeNamespaceName } from '../../src/plan/planning.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { SCENARIO, restoreScenario } from '../scenario/sample.ts';

const OPTIONS: PlanOptions = { runId: 'r1' };

function planRatio(...steps: string[]): Plan {
  const head = SCENARIO.slice(0, SCENARIO.indexOf('steps:'));
  const scenario = `${head}steps:\n${steps.map((step) => `  - ${step}\n`).join('')}`;
  return makePlan(restoreScenario({ scenario }), OPTIONS);
}

function findStep(plan: Plan, name: string): WaveStep {
  const step = plan.steps.find((candidate) => candidate.name === name);
  if (step === undefined || step.kind === 'pause') throw new Error(`no step ${name}`);
  return step;
}

function listOperations(plan: Plan): readonly PlannedOperation[] {
  return plan.steps.flatMap((step) =>
    step.kind === 'pause' ? [] : step.waves.flatMap((wave) => wave.operations),
  );
}

/** Letter of the arm of each wave. */
function arms(step: WaveStep): string {
  return step.waves.map((wave) => 'AB'[wave.operations[0]?.variant ?? 9]).join('');
}

/** One line an operation. */
function lines(plan: Plan): string {
  return plan.steps
    .map((step) => {
      if (step.kind === 'pause') return `${step.index} ${step.name}`;
      const { waves, variants, ...rest } = step;
      const head = `${step.index} ${JSON.stringify(rest)}\n  ${JSON.stringify(variants)}`;
      const body = waves.flatMap((wave) =>
        wave.operations.map(
          (o) =>
            `  w${wave.index} #${o.id} v${o.variant} +${o.offsetUs} ${o.verb} ${o.via ?? ''} ${o.kind} ${o.namespace}/${o.name} disks ${o.disks} bytes ${o.storageBytes ?? 0}`,
        ),
      );
      return [head, ...body].join('\n');
    })
    .join('\n');
}

test('the plan of the smoke scenario', async () => {
  const loaded = loadScenario('scenarios/smoke.yaml');
  if (!('scenario' in loaded)) throw new Error('smoke has problems');
  const plan = makePlan(loaded.scenario, OPTIONS);
  await expect(`${lines(plan)}\n`).toMatchFileSnapshot('../golden/plan/smoke.txt');
  const manifests = listOperations(plan)
    .filter((operation) => [0, 1, 2, 12, 22].includes(operation.id))
    .map((operation) => operation.manifest?.());
  await expect(`${JSON.stringify(manifests, undefined, 2)}\n`).toMatchFileSnapshot(
    '../golden/plan/smoke-manifests.json',
  );
});

test('images come first, each with its import and the snapshot that is needed', () => {
  const kinds = (plan: Plan) => plan.steps.map((step) => step.name);
  expect(kinds(planRatio('clone: { image: rhel9, sources: [pvc], count: 1 }'))).toEqual([
    'import rhel9',
    'clone rhel9',
  ]);
  expect(kinds(planRatio('pause: 1s', 'deploy: { template: rhel9, count: 1 }'))).toEqual([
    'import rhel9',
    'snapshot rhel9',
    'pause',
    'deploy rhel9',
  ]);
});

test('arms one after the other, or A B B A by waves', () => {
  const clone = (order: string) =>
    findStep(
      planRatio(`clone: { name: c, image: rhel9, count: 50, wave: { size: 10 }, order: ${order} }`),
      'c',
    );
  expect(arms(clone('sequential'))).toBe('AAAAABBBBB');
  expect(arms(clone('interleaved'))).toBe('ABBAABBAAB');
});

test('warm-up waves are the first of each arm', () => {
  const step = findStep(
    planRatio('clone: { name: c, image: rhel9, count: 30, wave: { size: 10, warmup: 1 } }'),
    'c',
  );
  expect(step.waves.map((wave) => wave.warmup)).toEqual([true, false, false, true, false, false]);
});

test('clones of a later step are numbered on', () => {
  const plan = planRatio(
    'clone: { image: rhel9, sources: [pvc], count: 2 }',
    'clone: { image: rhel9, count: 2 }',
  );
  expect(
    findStep(plan, 'clone rhel9 (2)').waves.map((w) => w.operations.map((o) => o.name)),
  ).toEqual([
    ['rhel9-from-pvc-3', 'rhel9-from-pvc-4'],
    ['rhel9-from-snapshot-1', 'rhel9-from-snapshot-2'],
  ]);
});

test('a patch starts and stops a VM by the field that its template uses', () => {
  const plan = planRatio(
    'deploy: { template: rhel9, count: 1 }',
    'boot: { template: rhel9, via: patch }',
    'stop: { template: rhel9, via: patch }',
  );
  const patches = listOperations(plan).flatMap((operation) => operation.patch ?? []);
  expect(patches).toEqual([{ spec: { running: true } }, { spec: { running: false } }]);
});

test('clean-up deletes clones and VMs', () => {
  const plan = planRatio(
    'clone: { name: c, image: rhel9, count: 3 }',
    'deploy: { name: d, template: rhel9, count: 2 }',
    'cleanup: { name: of c, step: c }',
    'cleanup: { name: of d, step: d }',
  );
  const names = (step: string) =>
    findStep(plan, step).waves.flatMap((w) => w.operations.map((o) => `${o.verb} ${o.name}`));
  expect(names('of d')).toEqual(['delete vm-1', 'delete vm-2']);
  expect(names('of c')).toEqual([
    ...[1, 2, 3].map((i) => `delete rhel9-from-pvc-${i}`),
    ...[1, 2, 3].map((i) => `delete rhel9-from-snapshot-${i}`),
  ]);
});

test('every object carries the label of the run, also those that grow out of it', () => {
  const labels = { 'bench.kubevirt.io/run': 'r1' };
  const plan = planRatio(
    'clone: { image: rhel9, count: 1 }',
    'deploy: { template: rhel9, count: 1 }',
  );
  const created = listOperations(plan).flatMap((operation) => operation.manifest?.() ?? []);
  expect(created).toHaveLength(5);
  for (const object of created) expect(object.metadata.labels).toMatchObject(labels);
  const vm = created.at(-1)?.spec as {
    template: { metadata: unknown };
    dataVolumeTemplates: readonly { metadata: unknown }[];
  };
  expect(vm.template.metadata).toMatchObject({ labels });
  expect(vm.dataVolumeTemplates[0]?.metadata).toMatchObject({ labels });
});

test("the article's template runs unchanged but for the run's namespace and labels", () => {
  const loaded = loadScenario('scenarios/two-disk.yaml');
  if (!('scenario' in loaded)) throw new Error('two-disk has problems');
  const plan = makePlan(loaded.scenario, OPTIONS);
  const deploy = findStep(plan, 'deploy vm-2-disk');
  const object = deploy.waves[0]?.operations[16]?.manifest?.();
  expect(object?.metadata).toMatchObject({ name: 'rhel9-17', namespace: 'bench-r1' });
  expect(object?.spec).toMatchObject({
    dataVolumeTemplates: [
      {
        metadata: { name: 'root-17' },
        spec: { source: { snapshot: { namespace: 'default', name: 'rhel9-snap' } } },
      },
      { metadata: { name: 'data-17' }, spec: { source: { blank: {} } } },
    ],
    template: {
      spec: { volumes: [{ dataVolume: { name: 'root-17' } }, { dataVolume: { name: 'data-17' } }] },
    },
  });
  expect(listOperations(plan)[1]).toMatchObject({ name: 'rhel9-snap', namespace: 'default' });
  expect(deploy.waves).toHaveLength(10);
  expect(findStep(plan, 'boot vm-2-disk').waves).toHaveLength(3);
});

test('mixed templates share each wave in proportion', () => {
  const scenario = `${SCENARIO.slice(0, SCENARIO.indexOf('steps:')).replace(
    'templates:\n',
    `templates:\n  other: { image: rhel9, vm: { apiVersion: kubevirt.io/v1, kind: VirtualMachine, spec: { running: false, template: { spec: {} } } } }\n`,
  )}steps:
  - deploy: { name: d, templates: { rhel9: 60, other: 40 }, order: mixed, wave: { size: 10 } }
`;
  const step = findStep(makePlan(restoreScenario({ scenario }), OPTIONS), 'd');
  const counts = step.waves.map((w) => w.operations.filter((o) => o.variant === 0).length);
  expect(counts).toEqual(Array.from({ length: 10 }, () => 6));
  expect(step.waves[0]?.operations.some((o) => o.name === 'other-1')).toBe(true);
});

test('namespaces of runs are DNS-1123 labels', () => {
  expect(makeNamespaceName('2026-11-22T10.30_A')).toBe('bench-2026-11-22t10-30-a');
  expect(makeNamespaceName('x'.repeat(60)).length).toBeLessThanOrEqual(63);
  expect(() => makePlan(restoreScenario(), { runId: 'a b' })).toThrow(/label value/);
});

const steps = fc.record({
  count: fc.integer({ min: 1, max: 120 }),
  size: fc.integer({ min: 1, max: 120 }),
  rampUs: fc.integer({ min: 0, max: 5_000_000 }),
  interleaved: fc.boolean(),
  boots: fc.integer({ min: 1, max: 120 }),
});

test('counts add up, ids count up, starts lie within the ramp', () => {
  fc.assert(
    fc.property(steps, ({ count, size, rampUs, interleaved, boots }) => {
      const wave = `wave: { size: ${Math.min(size, count)}, ramp: ${rampUs}us }`;
      const booted = Math.min(boots, count);
      const plan = planRatio(
        `clone: { image: rhel9, count: ${count}, ${wave}, order: ${interleaved ? 'interleaved' : 'sequential'} }`,
        `deploy: { template: rhel9, count: ${count}, ${wave} }`,
        `boot: { template: rhel9, count: ${booted}, wave: { size: ${Math.min(size, booted)} } }`,
      );
      const all = listOperations(plan);
      expect(all.map(({ id }) => id)).toEqual(all.map((_, i) => i));
      expect(all).toHaveLength(2 + 2 * count + count + booted);
      expect(new Set(all.filter((o) => o.verb === 'create').map((o) => o.name)).size).toBe(
        2 + 3 * count,
      );
      for (const { waves } of [findStep(plan, 'clone rhel9'), findStep(plan, 'deploy rhel9')]) {
        for (const { operations } of waves) {
          expect(operations.length).toBeLessThanOrEqual(size);
          const offsets = operations.map((operation) => operation.offsetUs);
          expect(offsets[0]).toBe(0);
          expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
          expect(offsets.at(-1)).toBeLessThanOrEqual(rampUs);
        }
      }
      for (const variant of [0, 1]) {
        const arm = findStep(plan, 'clone rhel9').waves.flatMap((w) => w.operations);
        expect(arm.filter((operation) => operation.variant === variant)).toHaveLength(count);
      }
    }),
    { numRuns: 30 },
  );
});

test('a plan is a function of scenario and run id', () => {
  const scenario = restoreScenario();
  expect(lines(makePlan(scenario, OPTIONS))).toBe(lines(makePlan(scenario, OPTIONS)));
  expect(makePlan(scenario, { runId: 'r2' }).namespace).toBe('bench-r2');
});

test('100,000 VMs are a list of small operations that share what they have in common', () => {
  const plan = planRatio('deploy: { template: rhel9, count: 100000, wave: { size: 1000 } }');
  const operations = findStep(plan, 'deploy rhel9').waves.flatMap((wave) => wave.operations);
  expect(operations).toHaveLength(100_000);
  const specs = [operations[0], operations[99_999]].map(
    (operation) => operation?.manifest?.().spec as { template: { spec: { domain: unknown } } },
  );
  expect(specs[0]?.template.spec.domain).toBe(specs[1]?.template.spec.domain);
});

test('an act is one for all its objects, and one for each where it names what is theirs', () => {
  const [same, own] = ['yes', '{{name}}'].map((value) => {
    const act = `act: { name: mark, on: deploy rhel9, label: { mark: "${value}" } }`;
    const plan = planRatio('deploy: { template: rhel9, count: 2 }', act);
    return findStep(plan, 'mark').waves.flatMap((wave) => wave.operations);
  });
  expect(same?.[0]?.action).toBe(same?.[1]?.action);
  expect(own?.map(({ action }) => action)).toEqual(
    own?.map(({ name }) => ({ do: 'patch', patch: { metadata: { labels: { mark: name } } } })),
  );
  expect(new Set(own?.map(({ name }) => name)).size).toBe(2);
});
