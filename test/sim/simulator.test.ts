/** What the cluster makes of an object that no run of ours would write. */

import { expect, test } from 'vitest';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { createSimulator, type SimConfig } from '../../src/sim/simulator.ts';

/** A cluster in which an instance stands whose status no schema would have let in. */
async function meetOddObject(options: Partial<SimConfig>): Promise<void> {
  const { kernel, server } = createSimulator({
    seed: 1,
    parameters: resolveParameters({ nodes: { count: 2 } }),
    images: [],
    storageClasses: [],
    snapshotClasses: [],
    namespaces: [],
    recordEvents: false,
    ...options,
  });
  await kernel.run(async () => {
    await kernel.sleep(1e6);
    server.seed({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { name: 'odd', namespace: 'default' },
      spec: { domain: { devices: {} } },
      status: { phase: 'Running', nodeName: 'worker-000', phaseTransitionTimestamps: [null] },
    });
    await kernel.sleep(10e6);
  });
}

test('a defect ends a run: its figures would be worth nothing', async () => {
  await expect(meetOddObject({})).rejects.toThrow(/virtualmachineinstance default\/odd: TypeError/);
});

test('a served cluster is told of it, and the controller tries again with back-off', async () => {
  const told: string[] = [];
  await meetOddObject({ onDefect: (_, where) => told.push(where) });
  const tries = told.filter((where) => where === 'virtualmachineinstance default/odd').length;
  // 5 ms doubling: eleven tries in ten seconds.
  expect(tries).toBeGreaterThan(5);
  expect(tries).toBeLessThan(14);
});
