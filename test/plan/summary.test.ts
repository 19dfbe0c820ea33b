/** A plan in figures: objects, storage at the same time, releases of waves. */

import { expect, test } from 'vitest';
import { GIB } from '../../src/core/bytes.ts';
import { SECOND } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { type PlanSummary, summarisePlan } from '../../src/plan/summary.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { SCENARIO, restoreScenario } from '../scenario/sample.ts';

function summaryOf(...steps: string[]): PlanSummary {
  const head = SCENARIO.slice(0, SCENARIO.indexOf('steps:'));
  const scenario = `${head}steps:\n${steps.map((step) => `  - ${step}\n`).join('')}`;
  return summarisePlan(makePlan(restoreScenario({ scenario }), { runId: 'r1' }));
}

test('10k-mixed: objects by kind, storage, VMs', () => {
  const loaded = loadScenario('scenarios/10k-mixed.yaml');
  if (!('scenario' in loaded)) throw new Error('10k-mixed has problems');
  const summary = summarisePlan(makePlan(loaded.scenario, { runId: 'r1' }));
  expect(summary.objects).toEqual({
    DataVolume: 2 + 4000 + 10_000,
    PersistentVolumeClaim: 2 + 4000 + 10_000,
    VolumeSnapshot: 2,
    VirtualMachine: 10_000,
  });
  const images = (22 + 70) * GIB;
  const vms = (6000 * 22 + 4000 * 70) * GIB;
  expect(summary.storageBytes).toBe(images + 4000 * 22 * GIB + vms);
  // The clones are gone before the first VM is deployed.
  expect(summary.storageMaxBytes).toBe(images + vms);
  expect(summary.vmsRunningMax).toBe(10_000);
});

test('a step that finds its objects later says what it does to them', () => {
  const loaded = loadScenario('scenarios/drain.yaml');
  if (!('scenario' in loaded)) throw new Error('drain has problems');
  const { steps } = summarisePlan(makePlan(loaded.scenario, { runId: 'r1' }));
  const drain = steps.find(({ name }) => name === 'drain');
  expect(drain).toMatchObject({ does: 'evict Pod', isFound: true, operations: 0 });
  expect(steps.filter((step) => 'isFound' in step)).toHaveLength(1);
});

test('closed-loop waves follow the ramp and the pause, open-loop waves the clock', () => {
  const { steps, shortestUs } = summaryOf(
    'pause: 10s',
    'deploy: { template: rhel9, count: 20, wave: { size: 10, ramp: 1s, pause: 30s } }',
    'boot: { template: rhel9, wave: { size: 5, every: 20s, ramp: 0s } }',
  );
  const releases = steps.map((step) =>
    step.kind === 'pause'
      ? [step.startUs / SECOND]
      : step.waves.map((wave) => wave.releaseUs / SECOND),
  );
  // Images 0, the pause, deploy (last start 0.9 s after a release), boot.
  expect(releases.slice(2)).toEqual([[0], [10, 40.9], [41.8, 61.8, 81.8, 101.8]]);
  expect(shortestUs).toBe(101.8 * SECOND);
});

test('stopped and deleted VMs and their storage no longer count', () => {
  const summary = summaryOf(
    'deploy: { template: rhel9, count: 4 }',
    'boot: { template: rhel9 }',
    'delete: { template: rhel9 }',
    'deploy: { template: rhel9, count: 3 }',
    'boot: { template: rhel9 }',
  );
  expect(summary.vmsRunningMax).toBe(4);
  expect(summary.storageBytes).toBe((1 + 7) * 22 * GIB);
  expect(summary.storageMaxBytes).toBe((1 + 4) * 22 * GIB);
});

test('clones that go at the end of their step are all there while another goes on beside it', () => {
  const summary = summaryOf(
    'together: [{ clone: { image: rhel9, sources: [pvc], count: 20, cleanup: true, wave: { size: 10 } } }, ' +
      '{ deploy: { template: rhel9, count: 20, wave: { size: 10 } } }]',
  );
  expect(summary.storageMaxBytes).toBe((1 + 20 + 20) * 22 * GIB);
});
