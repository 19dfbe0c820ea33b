/** VMs that come and go, as the shipped scenario asks for it, on the embedded cluster. */

import { expect, test } from 'vitest';
import { openRun } from '../../src/analyse/open-run.ts';
import { MINUTE } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { summarisePlan } from '../../src/plan/summary.ts';
import { getFilePath } from '../../src/record/layout.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { embeddedRun, findRecord } from '../support/embedded-run.ts';

const FEW = ['steps.0.deploy.count=4', 'steps.2.churn.share=25%', 'steps.2.churn.for=13m'];

test('each minute the oldest go, as many come, and it is told whether that gets slower', async () => {
  const run = await embeddedRun('churn', FEW);
  const { operations, waves, steps } = openRun(getFilePath(run.folder, 'history'));
  const parts = steps.filter(({ churn }) => churn === 'churn');
  expect(parts.map(({ name }) => name)).toEqual(['churn: delete', 'churn: deploy', 'churn: boot']);
  const [leaving, coming, starting] = parts.map(({ index }) => index);
  const names = (step: number | undefined) =>
    operations.filter((operation) => operation.step === step).map(({ name }) => name);
  const numbers = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `rhel9-${from + i}`);
  expect(names(leaving)).toEqual(numbers(1, 13));
  expect(names(coming)).toEqual(numbers(5, 13));
  expect(names(starting)).toEqual(numbers(5, 13));
  const of = (step: number | undefined) => waves.filter((wave) => wave.step === step);
  const startUs = of(leaving)[0]?.releaseUs ?? 0;
  expect(of(leaving).map(({ releaseUs }) => releaseUs - startUs)).toEqual(
    Array.from({ length: 13 }, (_, i) => i * MINUTE),
  );
  for (const [i, wave] of of(coming).entries()) {
    expect(wave.releaseUs).toBeGreaterThanOrEqual(of(leaving)[i]?.end?.atUs ?? Infinity);
    expect(of(starting)[i]?.releaseUs).toBeGreaterThanOrEqual(wave.end?.atUs ?? Infinity);
  }
  const { drift } = run.summary;
  expect(drift?.map(({ metric }) => metric)).toEqual([
    'clone',
    'vmiRunning',
    'guestReady',
    'delete',
  ]);
  expect(drift?.map(({ verdict }) => verdict)).toEqual(['none', 'none', 'none', 'none']);
  expect(findRecord(run, 'guestReady', { step: 'churn: boot' })).toMatchObject({ n: 11 });
});

const TEXT = `
name: c
storage: { class: fast }
images: { i: { import: { url: "http://x/i" }, size: 1Gi } }
templates: { vm: { image: i, cpu: 1, memory: 1Gi } }
steps:
  - deploy: { template: vm, count: 4 }
  - boot: { template: vm }
  - churn: { template: vm, share: 50%, every: 1m, for: 10m }
`;

test('a plan counts who is there at the same time, not who ever was', () => {
  const parsed = parseScenario(TEXT, 'c.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const plan = makePlan(parsed.scenario, { runId: 'r' });
  const { vmsRunningMax, objects, steps } = summarisePlan(plan);
  expect(vmsRunningMax).toBe(4);
  expect(objects['VirtualMachine']).toBe(24);
  const last = steps.at(-1);
  expect(last).toMatchObject({ name: 'churn: boot', pacing: { loop: 'after' } });
});

test.each([
  ['nothing runs', ['  - boot: { template: vm }\n', ''], 'none of template vm runs by then'],
  ['one round', ['for: 10m', 'for: 90s'], '1 rounds tell nothing of a drift'],
  ['no such template', ['churn: { template: vm', 'churn: { template: vn'], 'did you mean "vm"?'],
  ['two things', ['for: 10m }', 'for: 10m }\n    pause: 1m'], 'pause stands beside churn'],
])('%s: it is refused, with the place and the remedy', (_, [from = '', to = ''], said) => {
  const parsed = parseScenario(TEXT.replace(from, to), 'c.yaml');
  expect(JSON.stringify('problems' in parsed ? parsed.problems : [])).toContain(
    said.replaceAll('"', '\\"'),
  );
});

test('a later step acts on those that are left, not on those that went', () => {
  const parsed = parseScenario(`${TEXT}  - stop: { template: vm }\n`, 'c.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const last = parsed.scenario.steps.at(-1);
  expect(last).toMatchObject({ kind: 'stop', targets: [{ indices: [21, 22, 23, 24] }] });
});
