import { describe, expect, test } from 'vitest';
import {
  CLAIMS,
  DATA_VOLUMES,
  VMIS,
  NAMESPACES,
  type Resource,
  VIRTUAL_MACHINES,
} from '../../src/api/resources.ts';
import { findLeftovers, type LeftoverQuery } from '../../src/cluster/leftovers.ts';
import { type BareCluster, bareCluster } from './bare-cluster.ts';
import { forbidden } from './script.ts';

const LABEL = 'bench.kubevirt.io/run';

function ownedBy(uid: string) {
  return [{ apiVersion: 'v1', kind: 'Any', name: 'owner', uid, controller: true }];
}

/** A namespace of the run with a VM, what grew of it, and an orphaned claim. */
function leaveBehind({ put }: BareCluster, run: string, namespace = `bench-${run}`) {
  const labels = { [LABEL]: run };
  const managedFields = [{ manager: `bench-run-${run}`, operation: 'Update' }];
  const made = { labels, managedFields };
  put(NAMESPACES, { name: namespace, ...made });
  const vm = put(VIRTUAL_MACHINES, { name: 'vm', namespace, ...made });
  const owned = { namespace, labels, ownerReferences: ownedBy(vm) };
  put(VMIS, { name: 'vm', ...owned });
  const volume = put(DATA_VOLUMES, { name: 'vm-root', ...owned });
  const ownerReferences = ownedBy(volume);
  const claim = put(CLAIMS, { name: 'vm-root', namespace, labels, ownerReferences });
  const orphan = put(CLAIMS, { name: 'collected', namespace, ...made });
  return { vm, claim, orphan };
}

async function found(cluster: BareCluster, query: Partial<LeftoverQuery> = {}) {
  const whole = { runLabel: LABEL, ...query };
  const { objects, strangers, claims } = await cluster.play(() =>
    findLeftovers(cluster.client, whole),
  );
  const text = ({ resource, name, run }: { resource: Resource; name: string; run: string }) =>
    `${resource.kind} ${name} of ${run}`;
  return { objects: objects.map(text), strangers: strangers.map(text), claims };
}

describe('leftovers', () => {
  test('are what carries the label and has no owner among them, users before disks', async () => {
    const cluster = bareCluster();
    const { claim, orphan } = leaveBehind(cluster, 'a');
    const { objects, claims } = await found(cluster);
    expect(objects).toEqual([
      'VirtualMachine vm of a',
      'PersistentVolumeClaim collected of a',
      'Namespace bench-a of a',
    ]);
    // All claims, since volumes of owned ones will have to go as well.
    expect(claims).toEqual(new Set([claim, orphan]));
  });

  test('are those of one run where one is named', async () => {
    const cluster = bareCluster();
    leaveBehind(cluster, 'a');
    leaveBehind(cluster, 'b');
    expect((await found(cluster, { run: 'b' })).objects).toEqual([
      'VirtualMachine vm of b',
      'PersistentVolumeClaim collected of b',
      'Namespace bench-b of b',
    ]);
    expect((await found(cluster)).objects).toHaveLength(6);
  });

  test('are no objects that the history does not know, label or not', async () => {
    const cluster = bareCluster();
    leaveBehind(cluster, 'a');
    const { objects, strangers } = await found(cluster, {
      isMade: ({ name }) => name !== 'collected',
    });
    expect(objects).toEqual(['VirtualMachine vm of a', 'Namespace bench-a of a']);
    expect(strangers).toEqual(['PersistentVolumeClaim collected of a']);
  });

  test('are looked for in the named namespaces alone, and those are asked for by name', async () => {
    const cluster = bareCluster();
    leaveBehind(cluster, 'a');
    leaveBehind(cluster, 'a', 'elsewhere');
    cluster.put(NAMESPACES, { name: 'lent' });
    const here = await found(cluster, { run: 'a', namespaces: ['bench-a', 'lent', 'missing'] });
    expect(here.objects).toEqual([
      'VirtualMachine vm of a',
      'PersistentVolumeClaim collected of a',
      'Namespace bench-a of a',
    ]);
    const paths = cluster.requests.map(({ path }) => path);
    expect(paths).not.toContain('/api/v1/namespaces');
    expect(paths.filter((path) => !path.includes('/namespaces/'))).toEqual([]);
  });

  test('are nothing that only carries the label, be it a namespace, nor what that owns', async () => {
    const cluster = bareCluster();
    const labels = { [LABEL]: 'a' };
    cluster.put(NAMESPACES, { name: 'bench-a', labels });
    const meta = { namespace: 'bench-a', labels };
    const copy = cluster.put(VIRTUAL_MACHINES, { name: 'copy', ...meta });
    cluster.put(CLAIMS, { name: 'grown', ...meta, ownerReferences: ownedBy(copy) });
    cluster.put(CLAIMS, {
      name: 'applied',
      ...meta,
      managedFields: [{ manager: 'kubectl-client-side-apply', operation: 'Update' }],
    });
    const { objects, strangers, claims } = await found(cluster);
    expect(objects).toEqual([]);
    expect(strangers).toEqual([
      'VirtualMachine copy of a',
      'PersistentVolumeClaim applied of a',
      'Namespace bench-a of a',
    ]);
    // Nobody waits for the volumes of strangers.
    expect(claims).toEqual(new Set());
  });

  test('of another run do not make a named namespace ours', async () => {
    const cluster = bareCluster();
    const managedFields = [{ manager: 'bench-run-1', operation: 'Update' }];
    cluster.put(NAMESPACES, { name: 'bench-a', managedFields, labels: { [LABEL]: 'other' } });
    expect((await found(cluster, { run: 'a', namespaces: ['bench-a'] })).objects).toEqual([]);
    expect((await found(cluster, { namespaces: ['bench-a'] })).objects).toHaveLength(1);
  });

  test('of a kind that is not served are none; of one that is hidden nobody knows', async () => {
    const notServed = { status: 404, body: '404 page not found' };
    const without = bareCluster(({ path }) =>
      path.endsWith('/volumesnapshots') ? notServed : undefined,
    );
    leaveBehind(without, 'a');
    expect((await found(without)).objects).toHaveLength(3);
    const hidden = bareCluster(({ path }) =>
      path.endsWith('/volumesnapshots') ? forbidden('volumesnapshots') : undefined,
    );
    await expect(found(hidden)).rejects.toThrow('volumesnapshots is forbidden');
  });
});
