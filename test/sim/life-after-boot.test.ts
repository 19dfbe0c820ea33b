/** The life of a VM after its boot, as shipped scenarios ask for it, on the embedded cluster. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openRun } from '../../src/analyse/open-run.ts';
import { SECOND } from '../../src/core/duration.ts';
import { getFilePath } from '../../src/record/layout.ts';
import { vep411Results } from '../../src/report/export/vep411.ts';
import { computeMean, embeddedRun, findRecord, valueOf } from '../support/embedded-run.ts';

/** Figures of a step with what it waits for, in the order of its stages. */
async function stagesOf(name: string, overrides: readonly string[], stages: readonly string[]) {
  const run = await embeddedRun(name, overrides);
  return stages.map((stage) => computeMean(run, 'stage', { stage }));
}

describe('restart', () => {
  const FEW = ['steps.0.deploy.count=2', 'steps.2.act.wave.size=2'];

  test('the old instance goes, a new one runs, and its guest answers', async () => {
    const run = await embeddedRun('restart', FEW);
    const stages = ['old instance gone', 'running', 'guest'];
    const parts = await stagesOf('restart', FEW, stages);
    expect(parts.every((seconds) => seconds > 0)).toBe(true);
    const whole = computeMean(run, 'act', { step: 'restart' });
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(whole, 3);
    // The guest shuts down, and then boots as it did before.
    expect(whole).toBeGreaterThan(computeMean(run, 'guestReady'));
  });
});

describe('guests without an agent', () => {
  const FEW = ['steps.0.deploy.count=4', 'steps.2.act.count=2', 'steps.2.act.wave.size=2'];

  test('are reachable a while after their instances run, and none is said to be ready', async () => {
    const run = await embeddedRun('boot-reachable', ['steps.1.boot.wave.size=4', ...FEW]);
    expect(findRecord(run, 'reachable')).toMatchObject({ n: 4, reached: 4 });
    expect(computeMean(run, 'reachable')).toBeGreaterThan(computeMean(run, 'vmiRunning') + 3);
    expect(run.summary.metrics.filter(({ metric }) => metric === 'guestReady')).toEqual([]);
    expect(run.summary.validity.valid).toBe(true);
    const [stage] = run.summary.stages.filter(({ of }) => of === 'boot');
    expect(stage?.stages.map((each) => each.stage)).toContain('running');
  });

  test('answer after a restart, each in its interval, and the same seed gives the same', async () => {
    const run = await embeddedRun('boot-reachable', ['steps.1.boot.wave.size=4', ...FEW]);
    const { operations } = openRun(getFilePath(run.folder, 'history'));
    const restarts = operations.filter(({ verb }) => verb === 'act');
    for (const { stages } of restarts) {
      const [gone, address, answer] = stages;
      expect(address?.atUs).toBeGreaterThan(gone?.atUs ?? 0);
      const widthUs = (answer?.atUs ?? 0) - (answer?.afterUs ?? 0);
      expect(widthUs).toBeGreaterThan(0);
      expect(widthUs).toBeLessThan(SECOND);
    }
    const again = await embeddedRun('boot-reachable', [...FEW, 'steps.1.boot.wave.size=4']);
    const read = ({ folder }: typeof run) => readFileSync(getFilePath(folder, 'history'), 'utf8');
    expect(read(again)).toBe(read(run));
  });

  test('a port that nothing listens at is refused until the time-out, and is said to be', async () => {
    const few = [...FEW, 'steps.1.boot.wave={"until":{"tcp":23},"timeout":"2m"}'];
    const run = await embeddedRun('boot-reachable', [...few, 'errorBudget=1', 'waveErrorBudget=1']);
    expect(findRecord(run, 'reachable')).toMatchObject({ n: 4, reached: 0, censored: 4 });
    expect(JSON.stringify(run.summary.misses)).toContain('port 23: connection refused');
  });
});

describe('migration', () => {
  const FEW = ['steps.0.deploy.count=8', 'steps.2.apply.count=8', 'steps.2.apply.wave.size=8'];

  test('five move at a time, and each waits for its turn', async () => {
    const { folder } = await embeddedRun('migrate', FEW);
    const { operations } = openRun(getFilePath(folder, 'history'));
    const moves = operations.filter(({ verb }) => verb === 'apply');
    expect(moves.map(({ stages }) => stages.length)).toEqual(moves.map(() => 4));
    const spans = moves.map(({ stages }) => [stages[0]?.atUs ?? 0, stages[3]?.atUs ?? 0] as const);
    const together = spans.map(
      ([from]) => spans.filter(([other, until]) => other <= from && from < until).length,
    );
    expect(Math.max(...together)).toBe(5);
  });

  test('a VM is then on another node, goes on running, and its old pod has ended', async () => {
    const { folder } = await embeddedRun('migrate', FEW);
    const { objects, operations, lastUs } = openRun(getFilePath(folder, 'history'));
    const movedUs = (name: string) =>
      operations.find((each) => each.name === name.replace('rhel9', 'migrate'))?.stages[3]?.atUs ??
      0;
    for (const { name } of operations.filter(({ verb }) => verb === 'start')) {
      const [vmi, ...others] = objects.named('VirtualMachineInstance', name);
      if (vmi === undefined) throw new Error(`no VMI ${name}`);
      expect(others).toEqual([]);
      const nodes = objects.changesOf(vmi).filter((change) => change.name === 'node');
      expect(new Set(nodes.map(({ value }) => value)).size).toBe(2);
      expect(objects.latest(vmi, 'phase')).toBe('Running');
      const pods = objects.childrenOf(vmi).filter((child) => objects.kindOf(child) === 'Pod');
      const phases = pods.map((pod) => objects.latest(pod, 'phase'));
      expect(phases[1]).toBe('Running');
      // Those that moved last have pods whose containers still exit.
      if (movedUs(name) < lastUs - 5 * SECOND) expect(phases[0]).toBe('Succeeded');
      else expect(['Running', 'Succeeded']).toContain(phases[0]);
    }
  });

  test('moves and boots are scenarios of VEP 411, a record each', async () => {
    const { folder, summary } = await embeddedRun('migrate', FEW);
    const run = openRun(getFilePath(folder, 'history'));
    const results = vep411Results({ run, summary, manifest: undefined });
    expect(results.map(({ scenario }) => scenario)).toMatchObject([
      { name: 'boot-storm' },
      { name: 'migration' },
    ]);
    const { aggregate, records } = results[1] as { aggregate: object; records: readonly object[] };
    expect(records).toHaveLength(8);
    expect(records[0]).toMatchObject({ migration_name: 'migrate-1', status: 'Success' });
    const whole = computeMean(await embeddedRun('migrate', FEW), 'apply');
    // From the creation of its object, where ours runs from the request.
    expect(Reflect.get(aggregate, 'avg_migration_duration_seconds')).toBeLessThan(whole);
    expect(Reflect.get(aggregate, 'avg_migration_duration_seconds')).toBeGreaterThan(whole - 1);
  });

  test('a guest that writes faster than it can be copied stays, and is said to', async () => {
    const busy = ['simulation.migration.dirtyRate=2000000000', 'errorBudget=1'];
    const one = FEW.map((each) => each.replace('=8', '=1'));
    const run = await embeddedRun('migrate', [...one, ...busy, 'waveErrorBudget=1']);
    expect(findRecord(run, 'apply')).toMatchObject({ n: 1, failed: 1 });
    expect(run.summary.misses[0]).toMatchObject({ class: 'NamedFailure' });
  });
});

describe('drain', () => {
  test('evicted VMs move, two at a time from a node, until it has none, and none of them ends', async () => {
    const { folder } = await embeddedRun('drain', ['steps.0.deploy.count=16']);
    const { objects, operations, steps } = openRun(getFilePath(folder, 'history'));
    const drain = steps.find(({ name }) => name === 'drain')?.index;
    const evicted = operations.filter(({ step }) => step === drain);
    expect(evicted.length).toBeGreaterThan(2);
    const ends = evicted.map(({ stages }) => stages[0]?.atUs ?? 0).toSorted((a, b) => a - b);
    // Whoever comes third begins only when one of the first two is through.
    expect((ends[2] ?? 0) - (ends[0] ?? 0)).toBeGreaterThan(2 * SECOND);
    const started = operations.filter(({ verb }) => verb === 'start');
    const nodes = started.map(({ name }) => {
      const [vmi, ...others] = objects.named('VirtualMachineInstance', name);
      expect(others).toEqual([]);
      expect(objects.latest(vmi ?? -1, 'phase')).toBe('Running');
      return objects.latest(vmi ?? -1, 'node');
    });
    expect(nodes).not.toContain('worker-001');
    expect(new Set(nodes).size).toBe(3);
  });
});

describe('volume expansion', () => {
  test('all claims get their size, some later than others: the resizer has a budget', async () => {
    const FEW = ['steps.0.deploy.count=12', 'steps.2.act.wave.size=12'];
    const run = await embeddedRun('expand-volume', FEW);
    const record = findRecord(run, 'act', { step: 'expand' });
    expect(record.reached).toBe(12);
    expect(valueOf(record.max)).toBeGreaterThan(valueOf(record.min));
  });
});

describe('snapshots of VMs', () => {
  const FEW = [
    'steps.0.deploy.count=4',
    'steps.2.apply.count=4',
    'steps.2.apply.wave.size=4',
    'steps.4.apply.count=4',
    'steps.4.apply.wave.size=4',
  ];

  test('are taken of running VMs, and their restores boot from other disks', async () => {
    const run = await embeddedRun('vm-snapshot', FEW);
    const { objects, operations } = openRun(getFilePath(run.folder, 'history'));
    expect(findRecord(run, 'apply', { step: 'snapshot' })).toMatchObject({ reached: 4 });
    expect(findRecord(run, 'apply', { step: 'restore' })).toMatchObject({ reached: 4 });
    // Disks of restores are not those that were asked to be deployed.
    expect(findRecord(run, 'clone')).toMatchObject({ n: 4, reached: 4 });
    const [boot, again] = ['boot', 'boot restored'].map((step) =>
      computeMean(run, 'guestReady', { step }),
    );
    expect(again).toBeGreaterThan(0.5 * (boot ?? 0));
    for (const { name } of operations.filter(
      ({ kind, verb }) => kind === 'VirtualMachine' && verb === 'create',
    )) {
      const [vm = -1] = objects.named('VirtualMachine', name);
      const disks = objects.childrenOf(vm).filter((o) => objects.kindOf(o) === 'DataVolume');
      expect(disks.map((disk) => objects.deleted(disk) === undefined)).toEqual([false, true]);
      expect(objects.latest(disks[1] ?? -1, 'phase')).toBe('Succeeded');
    }
  });

  test('a restore of a VM that runs is refused', async () => {
    const running = ['steps.3.stop.template=rhel9', 'steps.3.stop.count=1'];
    const run = await embeddedRun('vm-snapshot', [
      ...FEW,
      ...running,
      'steps.5.boot.count=1',
      'errorBudget=1',
      'waveErrorBudget=1',
    ]);
    expect(findRecord(run, 'apply', { step: 'restore' })).toMatchObject({ reached: 1, failed: 3 });
    expect(JSON.stringify(run.summary.misses)).toContain('run strategy has to be Halted');
  });
});

describe('hot-plug', () => {
  const FEW = [
    'steps.0.deploy.count=4',
    'steps.2.apply.count=4',
    'steps.3.act.wave={"size":2,"timeout":"5m"}',
  ];

  test('a disk comes to a running VM by a pod on its node, and stays in its spec', async () => {
    const run = await embeddedRun('hotplug', FEW);
    const { objects, operations } = openRun(getFilePath(run.folder, 'history'));
    expect(findRecord(run, 'act', { step: 'plug' })).toMatchObject({ n: 4, reached: 4 });
    const plugs = operations.filter(({ verb }) => verb === 'act');
    for (const { stages } of plugs) {
      expect(stages).toHaveLength(3);
      // A pod takes seconds to come up, the guest less than two to see its disk.
      expect((stages[1]?.atUs ?? 0) - (stages[0]?.atUs ?? 0)).toBeGreaterThan(3 * SECOND);
      expect((stages[2]?.atUs ?? 0) - (stages[1]?.atUs ?? 0)).toBeLessThan(2 * SECOND);
    }
    for (const { name } of operations.filter(({ verb }) => verb === 'start')) {
      const [vmi = -1, ...others] = objects.named('VirtualMachineInstance', name);
      expect(others).toEqual([]);
      expect(objects.latest(vmi, 'phase')).toBe('Running');
    }
  });

  test('a volume of a name that is taken is refused', async () => {
    const taken = ['steps.3.act.subresource.body.name=root', 'errorBudget=1', 'waveErrorBudget=1'];
    const run = await embeddedRun('hotplug', [...FEW, ...taken]);
    expect(findRecord(run, 'act', { step: 'plug' })).toMatchObject({ n: 4, failed: 4 });
    expect(JSON.stringify(run.summary.misses)).toContain('volume with that name already exists');
  });
});

describe('migration by the subresource', () => {
  test('moves a VM as virtctl asks for it', async () => {
    const asked = {
      act: {
        name: 'migrate',
        on: 'boot',
        subresource: 'migrate',
        until: {
          jsonpath: '{.status.migrationState.completed}=true',
          of: { kind: 'VirtualMachineInstance' },
        },
      },
    };
    const run = await embeddedRun('migrate', [
      'steps.0.deploy.count=2',
      `steps.2=${JSON.stringify(asked)}`,
    ]);
    expect(findRecord(run, 'act', { step: 'migrate' })).toMatchObject({ n: 2, reached: 2 });
  });
});
