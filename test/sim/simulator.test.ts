/** What the cluster makes of an object that no run of ours would write. */

import { describe, expect, test } from 'vitest';
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

/** A cluster in which a VMI stands whose status no schema would have let in. */
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

describe('kinds that only clients use', () => {
  const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const SECRETS = '/api/v1/namespaces/n/secrets';
  const TABS = '/apis/ex.io/v1/namespaces/n/tabs';
  const DEPLOYMENTS = '/apis/apps/v1/namespaces/n/deployments';

  const object = (apiVersion: string, kind: string, name: string, rest: object = {}) => ({
    apiVersion,
    kind,
    metadata: { name, ...rest },
  });

  /** A cluster with a namespace and a kind of a client's own. */
  async function withTabs(use: (lab: Lab) => Promise<void>): Promise<void> {
    const { kernel, server } = createSimulator({ ...CONFIG, tendsAllKinds: true });
    const send: Lab['send'] = (method, path, body, query = {}) =>
      server.handle({ method, path, body, query }) as Answered;
    const schema = { openAPIV3Schema: { type: 'object' } };
    const spec = {
      group: 'ex.io',
      scope: 'Namespaced',
      names: { plural: 'tabs', kind: 'Tab' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    };
    await kernel.run(async () => {
      const definition = object(
        'apiextensions.k8s.io/v1',
        'CustomResourceDefinition',
        'tabs.ex.io',
      );
      send('POST', DEFINITIONS, { ...definition, spec });
      send('POST', '/api/v1/namespaces', object('v1', 'Namespace', 'n'));
      await kernel.sleep(1e6);
      await use({ send, sleep: (us) => kernel.sleep(us) });
    });
  }

  test('go with their namespace', () =>
    withTabs(async ({ send, sleep }) => {
      expect(send('POST', SECRETS, object('v1', 'Secret', 's')).status).toBe(201);
      expect(send('POST', TABS, object('ex.io/v1', 'Tab', 't')).status).toBe(201);
      send('DELETE', '/api/v1/namespaces/n');
      await sleep(60e6);
      const paths = [`${SECRETS}/s`, `${TABS}/t`, '/api/v1/namespaces/n'];
      expect(paths.map((path) => send('GET', path).status)).toEqual([404, 404, 404]);
    }));

  test('go with their owner, in the foreground as well, or are cut loose', () =>
    withTabs(async ({ send, sleep }) => {
      const owned = (kind: string, owner: Answered, name: string) => {
        const { apiVersion, metadata } = owner.body;
        const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
        const ownerReferences = [{ ...reference, blockOwnerDeletion: true }];
        return object('v1', 'Secret', name, { ownerReferences });
      };
      const tab = send('POST', TABS, object('ex.io/v1', 'Tab', 't'));
      send('POST', SECRETS, owned('Tab', tab, 'of-tab'));
      const deployment = send('POST', DEPLOYMENTS, object('apps/v1', 'Deployment', 'd'));
      send('POST', SECRETS, owned('Deployment', deployment, 'of-deployment'));
      await sleep(1e6);
      send('DELETE', `${TABS}/t`, undefined, { propagationPolicy: 'Foreground' });
      send('DELETE', `${DEPLOYMENTS}/d`, undefined, { propagationPolicy: 'Orphan' });
      await sleep(5e6);
      const paths = [`${TABS}/t`, `${SECRETS}/of-tab`, `${DEPLOYMENTS}/d`];
      expect(paths.map((path) => send('GET', path).status)).toEqual([404, 404, 404]);
      expect(send('GET', `${SECRETS}/of-deployment`).status).toBe(200);
    }));

  test('are left alone when they are served no more, and taken up when they are again', () =>
    withTabs(async ({ send, sleep }) => {
      const definition = send('GET', `${DEFINITIONS}/tabs.ex.io`).body as {
        readonly spec?: unknown;
      };
      send('DELETE', `${DEFINITIONS}/tabs.ex.io`);
      await sleep(5e6);
      expect(send('GET', TABS).status).toBe(404);
      const again = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'tabs.ex.io');
      send('POST', DEFINITIONS, { ...again, spec: definition.spec });
      await sleep(1e6);
      send('POST', TABS, object('ex.io/v1', 'Tab', 't'));
      send('DELETE', `${TABS}/t`, undefined, { propagationPolicy: 'Foreground' });
      await sleep(5e6);
      expect(send('GET', `${TABS}/t`).status).toBe(404);
    }));
});

interface Answered {
  readonly status: number;
  readonly body: {
    readonly apiVersion: string;
    readonly metadata: { readonly name: string; readonly uid: string };
  };
}

interface Lab {
  send(
    method: 'POST' | 'DELETE' | 'GET',
    path: string,
    body?: unknown,
    query?: Readonly<Record<string, string>>,
  ): Answered;
  sleep(us: number): Promise<void>;
}
