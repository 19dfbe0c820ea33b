/** What the cluster makes of an object that no run of ours would write. */

import { expect, test } from 'vitest';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { createSimulator, type SimConfig } from '../../src/sim/simulator.ts';

const CONFIG: SimConfig = {
  seed: 1,
  parameters: resolveParameters({ nodes: { count: 2 } }),
  images: [],
  storageClasses: [],
  snapshotClasses: [],
  namespaces: [],
  recordEvents: false,
};

/** A cluster in which an instance stands whose status no schema would have let in. */
async function meetOddObject(options: Partial<SimConfig>): Promise<void> {
  const { kernel, server } = createSimulator({ ...CONFIG, ...options });
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

test('a deleted namespace is emptied of what clients brought, kinds of their own included', async () => {
  const { kernel, server } = createSimulator({ ...CONFIG, emptiesAllKinds: true });
  const send = (method: 'POST' | 'DELETE' | 'GET', path: string, body?: unknown) =>
    server.handle({ method, path, body }) as { readonly status: number };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const object = (apiVersion: string, kind: string, name: string, spec?: unknown) => ({
    apiVersion,
    kind,
    metadata: { name },
    spec,
  });
  await kernel.run(async () => {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const spec = {
      group: 'ex.io',
      scope: 'Namespaced',
      names: { plural: 'tabs', kind: 'Tab' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    };
    const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'tabs.ex.io');
    send('POST', definitions, { ...definition, spec });
    send('POST', '/api/v1/namespaces', object('v1', 'Namespace', 'n'));
    await kernel.sleep(1e6);
    const secrets = '/api/v1/namespaces/n/secrets';
    const tabs = '/apis/ex.io/v1/namespaces/n/tabs';
    expect(send('POST', secrets, object('v1', 'Secret', 's')).status).toBe(201);
    expect(send('POST', tabs, object('ex.io/v1', 'Tab', 't')).status).toBe(201);
    send('DELETE', '/api/v1/namespaces/n');
    await kernel.sleep(60e6);
    const paths = [`${secrets}/s`, `${tabs}/t`, '/api/v1/namespaces/n'];
    expect(paths.map((path) => send('GET', path).status)).toEqual([404, 404, 404]);
  });
});
