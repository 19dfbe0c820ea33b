/** What a loss of power costs, as shipped scenarios ask for it, on the embedded cluster. */

import { describe, expect, test } from 'vitest';
import { countedStages } from '../../src/analyse/counted-stages.ts';
import { openRun } from '../../src/analyse/open-run.ts';
import { getFilePath } from '../../src/record/layout.ts';
import { computeMean, embeddedRun, findRecord, valueOf } from '../support/embedded-run.ts';

describe('node failure', () => {
  const run = () => embeddedRun('node-failure', ['steps.0.deploy.count=8']);

  test('it is found by its silence, evicted by its tolerations, and fenced', async () => {
    const failed = await run();
    const step = (name: string) => computeMean(failed, 'act', { step: name });
    expect(step('detection')).toBeGreaterThan(30);
    expect(step('detection')).toBeLessThan(46);
    expect(computeMean(failed, 'stage', { stage: 'evicted' })).toBeCloseTo(300, 0);
    // The collector of pods looks every 20 s.
    const gone = computeMean(failed, 'stage', { stage: 'old instance gone' });
    expect(gone - step('eviction')).toBeGreaterThan(0);
    expect(gone - step('eviction')).toBeLessThan(25);
    const back = findRecord(failed, 'act', { step: 'failover' });
    expect(back).toMatchObject({ n: 2, failed: 0, censored: 0 });
    // A server boots for some minutes.
    expect(step('node back')).toBeGreaterThan(120);
  });

  test('constants of servers are listed where they lose their power, and there alone', async () => {
    const { summary } = await run();
    expect(summary.simulation?.counters['powerLosses']).toBe(1);
  });
});

describe('power loss', () => {
  const FEW = [
    'steps.0.deploy.count=12',
    'steps.2.act.wave.size=6',
    'steps.4.together.0.act.wave.size=6',
    'steps.4.together.1.act.wave.size=6',
    'steps.4.together.2.act.wave.size=12',
    'simulation.nodes.count=6',
  ];

  test('each server boots, each VM ends and starts anew, and none is evicted', async () => {
    const lost = await embeddedRun('power-loss', FEW);
    expect(lost.summary.simulation?.counters['powerLosses']).toBe(6);
    const nodes = findRecord(lost, 'act', { step: 'nodes' });
    expect(nodes).toMatchObject({ n: 6, failed: 0, censored: 0 });
    const storm = findRecord(lost, 'act', { step: 'boot storm' });
    expect(storm).toMatchObject({ n: 12, failed: 0, censored: 0 });
    expect(valueOf(storm.max)).toBeGreaterThan(valueOf(nodes.max));
    const { objects, operations } = openRun(getFilePath(lost.folder, 'history'));
    const names = operations.filter(({ verb }) => verb === 'start').map(({ name }) => name);
    for (const name of names) {
      const instances = objects.named('VirtualMachineInstance', name);
      expect(instances).toHaveLength(2);
      expect(objects.latest(instances[0] ?? -1, 'phase')).toBe('Failed');
      expect(objects.latest(instances[1] ?? -1, 'phase')).toBe('Running');
    }
  });

  test('what is there again under its name is no count of other objects', async () => {
    const { folder } = await embeddedRun('power-loss', FEW);
    expect(countedStages(openRun(getFilePath(folder, 'history')))).toEqual([]);
  });
});
