/** A lab brought up on the embedded cluster: what it takes, what may go wrong, and being killed. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countedStages } from '../../src/analyse/counted-stages.ts';
import { openRun } from '../../src/analyse/open-run.ts';
import { makeSimConfig, openTarget } from '../../src/cli/target.ts';
import { evaluate, measure } from '../../src/benchmark.ts';
import { SECOND } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { createRunFolder, getFilePath } from '../../src/record/layout.ts';
import { figuresOfRun } from '../../src/report/inputs/figures-of-run.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createSimulator } from '../../src/sim/simulator.ts';
import { pick } from '../drive/play.ts';
import { type Kill, playKilled } from '../drive/play-killed.ts';
import { smallLab, WORKERS } from '../support/lab-scenario.ts';

async function bringUp(scenario: Scenario) {
  const created = createRunFolder(mkdtempSync(join(tmpdir(), 'bench-')), 'lab', 'run');
  if (!('folder' in created)) throw new Error(JSON.stringify(created));
  const { folder } = created;
  const setting = (await openTarget(scenario, { seed: 1 })).open();
  const { outcome, counters } = { ...(await measure(scenario, folder, setting)), ...setting };
  const run = openRun(getFilePath(folder, 'history'));
  const stepOf = (name: string) => {
    const index = run.steps.find((step) => step.name === name)?.index;
    return run.operations.filter(({ step }) => step === index);
  };
  return { outcome, counters: counters?.(), run, stepOf, folder };
}

describe('the lab of the article', () => {
  test('comes up operator by operator, and a disk is claimed only after a minute', async () => {
    const { outcome, counters, stepOf, folder } = await bringUp(smallLab());
    expect(outcome).toBe('complete');
    expect(counters).toMatchObject({ operatorsInstalled: 6 });
    const [volumes] = stepOf('local volumes');
    const [available = 0, daemons = 0, last = 0] =
      volumes?.stages.map(({ atUs }) => atUs / SECOND) ?? [];
    expect(available).toBeLessThan(daemons);
    expect(last - daemons).toBeGreaterThan(60 - (daemons - available));
    expect(last - available).toBeGreaterThan(60);
    const { summary } = evaluate(folder);
    const stages = summary.metrics.filter(({ metric }) => metric === 'stage');
    const healthy = stages.find(({ dimensions }) => dimensions.stage === 'healthy');
    // The webhook of SSP has no endpoints when the rest is Available.
    expect(healthy?.mean).toMatchObject({ value: expect.any(Number) });
    expect(stepOf('StorageCluster')[0]?.stages).toHaveLength(5);
  });

  test('the report names who was last, and counts what came up by when', async () => {
    const { run, stepOf, folder } = await bringUp(smallLab());
    const counted = countedStages(run);
    expect(counted.map(({ step, stage, objects }) => [step.name, stage, objects.length])).toEqual([
      ['HyperConverged', 'virt-handlers', WORKERS],
      ['discovery', 'last node', WORKERS],
      ['local volumes', 'volumes', WORKERS],
      ['StorageCluster', 'OSDs', WORKERS],
    ]);
    for (const { objects, step, stage } of counted) {
      expect(new Set(objects.map(({ node }) => node)).size).toBe(WORKERS);
      const at = step.stages.indexOf(stage);
      // What is counted is whole when the last of it is seen.
      expect(stepOf(step.name)[0]?.stages[at]?.atUs).toBeGreaterThanOrEqual(
        objects.at(-1)?.atUs ?? Infinity,
      );
    }
    const { summary } = evaluate(folder);
    const figures = figuresOfRun({ run, summary, manifest: undefined });
    const whole = figures.find(({ id }) => id === 'bring-up');
    const last = counted.at(-1)?.objects.at(-1);
    const row = whole?.table.rows.find(
      ([step, stage]) => step === 'StorageCluster' && stage === 'OSDs',
    );
    expect(row?.at(-1)).toBe(`${last?.name} on ${last?.node}`);
    expect(whole?.answer).toMatch(/^All of it took .* of StorageCluster took most/);
    // Each colour is told, and beside each bar what its colours stand for.
    const drawn = whole?.rows[0]?.panels[0]?.chart;
    expect(drawn?.hasLegend).not.toBe(false);
    expect(drawn?.datasets.map(({ series }) => series).slice(0, 2)).toEqual([
      '1st stage',
      '2nd stage',
    ]);
    expect(drawn?.texts?.some(({ text }) => text === 'installed · succeeded')).toBe(true);
    expect(figures.find(({ id }) => id === 'time-to-n')?.answer).toContain('virt-handlers');
  });

  test('takes VMs in the same scenario: images are imported once there is storage', async () => {
    const image = 'rhel9: { import: { url: "http://images.example/a.qcow2" }, size: 22Gi }';
    const kinds = `images: { ${image} }\ntemplates: { rhel9: { image: rhel9, memory: 2Gi } }\n`;
    const vms = '  - deploy: { template: rhel9, count: 4 }\n  - boot: { template: rhel9 }\n';
    const { outcome, run } = await bringUp(
      smallLab('', [
        ['timeouts:', `${kinds}timeouts:`],
        ['simulation:\n', `${vms}simulation:\n`],
      ]),
    );
    expect(outcome).toBe('complete');
    const kindsOfSteps = run.steps.map(({ kind }) => kind);
    expect(kindsOfSteps.slice(-5)).toEqual(['image', 'image', 'apply', 'deploy', 'boot']);
    const nodes = run.operations
      .filter(({ verb }) => verb === 'start')
      .map(({ name }) => run.objects.named('VirtualMachineInstance', name)[0] ?? -1)
      .map((object) => run.objects.latest(object, 'node'));
    expect(nodes).toEqual(nodes.map(() => expect.stringMatching(/^worker-00\d$/)));
  });

  test('OSDs are made one at a time, however many are prepared', async () => {
    const { stepOf } = await bringUp(smallLab('  rook: { osdInterval: 30s }\n'));
    const [cluster] = stepOf('StorageCluster');
    const spentUs = (cluster?.stages[0]?.atUs ?? 0) - (cluster?.sentUs ?? 0);
    expect(spentUs).toBeGreaterThan((WORKERS - 1) * 15 * SECOND);
  });
});

describe('what goes wrong is said', () => {
  const missOf = async (more: string, step: string, changes: readonly [string, string][] = []) => {
    const hurried = ['apply: 20m, act: 20m', 'apply: 4m, act: 4m'] as const;
    const { stepOf } = await bringUp(smallLab(more, [hurried, ...changes]));
    return stepOf(step)[0]?.miss;
  };
  const fault = (what: string) => `  faults: { lab: { ${what} } }\n`;

  test('a package that is not in the catalogue fails at once, in words of OLM', async () => {
    const miss = await missOf(fault('unresolved: [local-storage-operator]'), 'Local Storage');
    expect(miss).toMatchObject({ how: 'failed', class: 'NamedFailure' });
    expect(miss?.message).toContain('no operators found in package local-storage-operator');
  });

  test('a webhook without endpoints is asked again until it has some', async () => {
    const { stepOf, outcome } = await bringUp(smallLab(fault('webhookAfter: 45s')));
    expect(outcome).toBe('complete');
    const [hco] = stepOf('HyperConverged');
    const [first] = hco?.stages ?? [];
    expect((first?.atUs ?? 0) - (hco?.sentUs ?? 0)).toBeGreaterThan(60 * SECOND);
  });

  test('a dirty disk is missing among the volumes', async () => {
    const miss = await missOf(fault('dirtyDisks: [worker-002]'), 'local volumes');
    expect(miss).toMatchObject({ how: 'censored', reason: 'Timeout' });
    expect(miss?.message).toContain('waiting for volumes');
  });

  test('an OSD that is never prepared is missing', async () => {
    const short = ['timeout: 1h', 'timeout: 6m'] as const;
    const more = fault('stuckPrepares: [worker-001]');
    const miss = await missOf(more, 'StorageCluster', [[...short]]);
    expect(miss?.message).toContain('waiting for OSDs');
  });
});

const MOMENTS: readonly (readonly [string, readonly Kill[]])[] = [
  ['while operators install, and again', [20 * SECOND, 130 * SECOND]],
  ['with the request for the StorageCluster', [({ path }) => path.includes('storageclusters')]],
  ['while disks are claimed', [360 * SECOND]],
];

describe('a lab whose harness is killed', () => {
  test.each(MOMENTS)('%s: it ends the same, and nothing is made twice', async (_, kills) => {
    const scenario = smallLab();
    const { kernel, server, transport } = createSimulator(makeSimConfig(scenario, 1));
    const births = new Map<string, number>();
    server.onCommit(({ event: { type, object } }) => {
      if (type !== 'ADDED') return;
      const key = `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
      births.set(key, (births.get(key) ?? 0) + 1);
    });
    const toy = { kernel, server, transport, send: () => ({}) as never };
    const plan = makePlan(scenario, { runId: 'r1' });
    const { ending, entries } = await playKilled(toy, plan, kills, 5 * SECOND);
    expect(ending.outcome).toBe('complete');
    expect([...births].filter(([, times]) => times > 1)).toEqual([]);
    const count = (kind: string) => [...births.keys()].filter((key) => key.startsWith(kind)).length;
    expect(count('PersistentVolume ')).toBe(WORKERS + 1);
    expect(count('Subscription ')).toBe(3);
    const stages = pick(entries, 'stage');
    expect(new Set(stages.map(({ p, g }) => `${p}/${g}`)).size).toBe(stages.length);
  });
});
