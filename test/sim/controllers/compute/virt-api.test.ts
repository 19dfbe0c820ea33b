import { describe, expect, test } from 'vitest';
import type { RunStrategy } from '../../../../src/api/compute.ts';
import { VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { SECOND, toSeconds } from '../../../../src/core/duration.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import {
  ask,
  type ComputeCluster,
  vmiOf,
  vmObject,
  vmOf,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

const cluster = () => {
  const started = startComputeCluster({
    overrides: { nodes: { count: 3 } },
    guestOf: () => GUEST_PROFILES.rhel9,
  });
  standInForStorage(started);
  return started;
};

const CONFLICT = 'Operation cannot be fulfilled on virtualmachine.kubevirt.io "vm": ';

async function create(to: ComputeCluster, runStrategy: RunStrategy): Promise<void> {
  await to.controllers.ready;
  await to.client.create(VIRTUAL_MACHINES, vmObject('vm', { runStrategy }));
  await to.clock.sleep(2 * SECOND);
}

const isRunning = (of: ComputeCluster) => () => vmiOf(of, 'vm')?.status?.phase === 'Running';

describe('start and stop', () => {
  test('of a VM that does not exist: 404', async () => {
    const target = cluster();
    await target.clock.run(async () => {
      await target.controllers.ready;
      const missing = 'virtualmachine.kubevirt.io "vm" not found';
      expect(await ask(target, 'vm', 'start')).toEqual([404, missing]);
      expect(await ask(target, 'vm', 'stop')).toEqual([404, missing]);
    });
  });

  test('of a halted VM: starts once, stops once', async () => {
    const target = cluster();
    await target.clock.run(async () => {
      await create(target, 'Halted');
      expect(await ask(target, 'vm', 'stop')).toEqual([409, `${CONFLICT}VM is not running`]);
      expect(await ask(target, 'vm', 'start', undefined)).toEqual([202, '']);
      expect(vmOf(target, 'vm')?.spec.runStrategy).toBe('Always');
      await until(target, 'a run', isRunning(target));
      expect(await ask(target, 'vm', 'start')).toEqual([409, `${CONFLICT}VM is already running`]);
      expect(await ask(target, 'vm', 'stop')).toEqual([202, '']);
      expect(vmOf(target, 'vm')?.spec.runStrategy).toBe('Halted');
    });
  });

  test('of a VM that says running: patches running', async () => {
    const target = cluster();
    await target.clock.run(async () => {
      await target.controllers.ready;
      const { runStrategy: _, ...spec } = vmObject('vm').spec;
      await target.client.create(VIRTUAL_MACHINES, {
        ...vmObject('vm'),
        spec: { ...spec, running: false },
      });
      expect(await ask(target, 'vm', 'start')).toEqual([202, '']);
      expect(vmOf(target, 'vm')?.spec).toMatchObject({ running: true });
      expect(vmOf(target, 'vm')?.spec.runStrategy).toBeUndefined();
    });
  });

  test('of a manual VM: by request in its status', async () => {
    const target = cluster();
    await target.clock.run(async () => {
      await create(target, 'Manual');
      expect(await ask(target, 'vm', 'start')).toEqual([202, '']);
      expect(await ask(target, 'vm', 'start')).toEqual([
        500,
        'Internal error occurred: unable to complete request: stop/start already underway',
      ]);
      await until(target, 'a run', isRunning(target));
      expect(vmOf(target, 'vm')?.status?.stateChangeRequests).toBeUndefined();
      const first = vmiOf(target, 'vm')?.metadata.uid;
      expect(await ask(target, 'vm', 'restart')).toEqual([202, '']);
      await until(target, 'another', () => {
        const now = vmiOf(target, 'vm');
        return now !== undefined && now.metadata.uid !== first && isRunning(target)();
      });
      expect(await ask(target, 'vm', 'stop')).toEqual([202, '']);
      await until(target, 'the end', () => vmiOf(target, 'vm') === undefined);
      expect(vmOf(target, 'vm')?.spec.runStrategy).toBe('Manual');
    });
  });

  test.each<[RunStrategy, string]>([
    ['Always', 'Always does not support manual start requests'],
    ['Once', 'Once does not support manual start requests'],
  ])('of a VM that runs by itself (%s) and has no VMI yet: 409', async (strategy, cause) => {
    const target = startComputeCluster({ overrides: { nodes: { count: 3 } } });
    await target.clock.run(async () => {
      await create(target, strategy);
      expect(await ask(target, 'vm', 'start')).toEqual([409, CONFLICT + cause]);
    });
  });

  test('of a restart where nothing runs: 409', async () => {
    const target = cluster();
    await target.clock.run(async () => {
      await create(target, 'Halted');
      expect(await ask(target, 'vm', 'restart')).toEqual([
        409,
        `${CONFLICT}RunStategy Halted does not support manual restart requests`,
      ]);
    });
  });

  test('with a body that is no object: 400; dry run: nothing happens', async () => {
    const target = cluster();
    await target.clock.run(async () => {
      await create(target, 'Halted');
      expect(await ask(target, 'vm', 'start', 'yes')).toEqual([
        400,
        'Can not unmarshal Request body to struct, error: error unmarshaling JSON: while ' +
          'decoding JSON: json: cannot unmarshal string into Go value of type v1.StartOptions',
      ]);
      expect(await ask(target, 'vm', 'start', { dryRun: ['All'] })).toEqual([202, '']);
      await target.clock.sleep(2 * SECOND);
      expect(vmiOf(target, 'vm')).toBeUndefined();
    });
  });
});

test('pausing what does not run is refused', async () => {
  const target = cluster();
  await target.clock.run(async () => {
    await create(target, 'Halted');
    const missing = 'virtualmachineinstance.kubevirt.io "vm" not found';
    expect(await ask(target, 'vm', 'pause')).toEqual([404, missing]);
  });
});

test('the version is served, anything else is not found', async () => {
  const { clock, client, controllers } = cluster();
  await clock.run(async () => {
    await controllers.ready;
    const base = '/apis/subresources.kubevirt.io/v1';
    const version = await client.raw({ method: 'GET', path: `${base}/version` });
    expect(version.body).toMatchObject({ gitVersion: 'v1.1.1' });
    const path = `${base}/namespaces/default/virtualmachines/vm/explode`;
    await expect(client.raw({ method: 'PUT', path })).rejects.toMatchObject({ code: 404 });
  });
});

test('eleven replicas of five requests a second spread a wave of 100 over seconds', async () => {
  const target = startComputeCluster();
  const doneUs: number[] = [];
  await target.clock.run(async () => {
    await target.controllers.ready;
    const names = Array.from({ length: 100 }, (_, index) => `vm-${index}`);
    await Promise.all(names.map((name) => target.client.create(VIRTUAL_MACHINES, vmObject(name))));
    await target.clock.sleep(60 * SECOND);
    const startUs = target.clock.nowUs();
    await Promise.all(
      names.map(async (name) => {
        await ask(target, name, 'start');
        doneUs.push(target.clock.nowUs() - startUs);
      }),
    );
  });
  // About 27 requests a replica, of which ten at once and then five a second; unevenly spread.
  const sorted = doneUs.toSorted((a, b) => a - b);
  expect(toSeconds(sorted[50] ?? 0)).toBeGreaterThan(1.5);
  expect(toSeconds(sorted[50] ?? 0)).toBeLessThan(5);
  expect(toSeconds(Math.max(...doneUs))).toBeGreaterThan(3.5);
  expect(toSeconds(Math.max(...doneUs))).toBeLessThan(12);
});
