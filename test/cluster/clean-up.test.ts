import { describe, expect, test } from 'vitest';
import {
  CLAIMS,
  CONFIG_MAPS,
  DATA_VOLUMES,
  NAMESPACES,
  PODS,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
  VOLUMES,
} from '../../src/api/resources.ts';
import { cleanUp, type CleanUpLab } from '../../src/cluster/clean-up.ts';
import { findLeftovers } from '../../src/cluster/leftovers.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import { type BareCluster, bareCluster } from './bare-cluster.ts';
import { forbidden, refusal } from './script.ts';

const LABEL = 'bench.kubevirt.io/run';
const labels = { [LABEL]: 'a' };
const managedFields = [{ manager: 'bench-run-1', operation: 'Update' }];
const made = { labels, managedFields };

function owner(uid: string) {
  return [{ apiVersion: 'v1', kind: 'Any', name: 'owner', uid, controller: true }];
}

/** A lent namespace in which the run left one object of each kind. */
function lent(meddle?: Parameters<typeof bareCluster>[0]): BareCluster {
  const cluster = bareCluster(meddle);
  cluster.put(NAMESPACES, { name: 'lent' });
  for (const resource of [SNAPSHOTS, DATA_VOLUMES, VIRTUAL_MACHINES]) {
    cluster.put(resource, { name: 'ours', namespace: 'lent', ...made });
    cluster.put(resource, { name: 'theirs', namespace: 'lent' });
  }
  return cluster;
}

function cleaned(cluster: BareCluster, more: Partial<CleanUpLab> = {}) {
  const { client, kernel } = cluster;
  const query = { runLabel: LABEL, run: 'a' };
  const told: string[] = [];
  const lab: CleanUpLab = {
    client,
    clock: kernel,
    signal: new AbortController().signal,
    query,
    tell: (line) => told.push(line),
    ...more,
  };
  return cluster.play(async () => {
    const result = await cleanUp(lab, await findLeftovers(client, query));
    return { ...result, told };
  });
}

describe('clean-up', () => {
  test('removes what is ours, who uses a disk before the disk, each with its UID', async () => {
    const cluster = lent();
    const { removed, left, told } = await cleaned(cluster);
    expect({ removed, left }).toEqual({ removed: 3, left: [] });
    const deletions = cluster.requests.filter(({ method }) => method === 'DELETE');
    expect(deletions.map(({ path }) => path.split('/').at(-2))).toEqual([
      'virtualmachines',
      'datavolumes',
      'volumesnapshots',
    ]);
    for (const { body } of deletions) {
      expect(body).toMatchObject({ preconditions: { uid: expect.stringMatching(/-/) } });
    }
    expect(told).toEqual([
      'deleting 1 of kind VirtualMachine',
      'deleting 1 of kind DataVolume',
      'deleting 1 of kind VolumeSnapshot',
    ]);
    expect(cluster.names(DATA_VOLUMES)).toEqual(['theirs']);
    expect(cluster.names(NAMESPACES)).toContain('lent');
  });

  test('leaves an object alone that has taken the name of ours', async () => {
    const cluster = lent(({ method, path }) => {
      if (method !== 'DELETE' || !path.endsWith('/virtualmachines/ours')) return undefined;
      return refusal(409, 'Conflict', 'the UID in the precondition does not match');
    });
    const { left } = await cleaned(cluster, { timeoutUs: 10 * SECOND });
    expect(left.map(({ resource }) => resource.kind)).toEqual(['VirtualMachine']);
    expect(cluster.names(DATA_VOLUMES)).toEqual(['theirs']);
  });

  test('asks again where the server has no time', async () => {
    let refused = 0;
    const cluster = lent(({ method }) => {
      if (method !== 'DELETE' || refused === 2) return undefined;
      refused += 1;
      return refusal(503, 'ServiceUnavailable', 'busy');
    });
    expect((await cleaned(cluster)).left).toEqual([]);
  });

  test('gives up what finalizers hold, once the time is up, and says so', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'lent' });
    const finalizers = ['example.com/held'];
    cluster.put(DATA_VOLUMES, { name: 'ours', namespace: 'lent', ...made, finalizers });
    const { left, removed, held, told } = await cleaned(cluster, { timeoutUs: MINUTE });
    expect(left.map(({ name }) => name)).toEqual(['ours']);
    expect(removed).toBe(0);
    const what = 'DataVolume lent/ours: held by the finalizer example.com/held';
    expect(held).toEqual([what]);
    expect(told).toContain(`still there: ${what}`);
    expect(cluster.kernel.nowUs()).toBeGreaterThan(MINUTE);
    expect(cluster.kernel.nowUs()).toBeLessThan(2 * MINUTE);
  });

  test('tells who holds it before it gives up, and goes on waiting while others go', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'lent' });
    const finalizers = ['example.com/held'];
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      cluster.put(DATA_VOLUMES, { name, namespace: 'lent', ...made, finalizers });
    }
    names.forEach((name, i) => {
      cluster.kernel.schedule((i + 1) * 50 * SECOND, () => cluster.release(DATA_VOLUMES, name));
    });
    const { left, told } = await cleaned(cluster, { timeoutUs: MINUTE });
    expect(left).toEqual([]);
    expect(told.filter((line) => line.startsWith('still there'))[0]).toContain('lent/a');
  });

  test('names the pod that uses a claim which does not go', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'lent' });
    const finalizers = ['kubernetes.io/pvc-protection'];
    cluster.put(CLAIMS, { name: 'disk', namespace: 'lent', ...made, finalizers });
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'disk' } }];
    const spec = { containers: [], volumes };
    cluster.put(PODS, { name: 'theirs', namespace: 'lent' }, { spec });
    const { held } = await cleaned(cluster, { timeoutUs: MINUTE });
    expect(held).toEqual(['PersistentVolumeClaim lent/disk: in use by Pod lent/theirs']);
  });

  test('keeps a namespace in which somebody else lives', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'bench-a', ...made });
    cluster.put(PODS, { name: 'theirs', namespace: 'bench-a' }, { spec: { containers: [] } });
    const { kept, left } = await cleaned(cluster);
    expect([...kept]).toEqual([['bench-a', ['Pod bench-a/theirs']]]);
    expect(left).toEqual([]);
    expect(cluster.requests.some(({ method }) => method === 'DELETE')).toBe(false);
  });

  const SECRETS = { ...CONFIG_MAPS, plural: 'secrets', kind: 'Secret' };

  test.each([
    ['a ConfigMap', CONFIG_MAPS, {}],
    ['a Secret', SECRETS, {}],
    ['a ConfigMap with our label', CONFIG_MAPS, { labels }],
    ['a pod with an owner of its own', PODS, { ownerReferences: owner('elsewhere') }],
  ])('keeps a namespace with %s', async (_, resource, more) => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'bench-a', ...made });
    cluster.put(resource, { name: 'precious', namespace: 'bench-a', ...more });
    const { kept } = await cleaned(cluster);
    expect([...kept.keys()]).toEqual(['bench-a']);
    expect(cluster.names(resource)).toContain('precious');
    expect(cluster.requests.some(({ method }) => method === 'DELETE')).toBe(false);
  });

  test('takes a namespace with what every namespace has, and with what grew of ours', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'bench-a', ...made });
    cluster.put(CONFIG_MAPS, { name: 'kube-root-ca.crt', namespace: 'bench-a' });
    const vm = cluster.put(VIRTUAL_MACHINES, { name: 'vm', namespace: 'bench-a', ...made });
    const grown = { namespace: 'bench-a', ownerReferences: owner(vm) };
    cluster.put(PODS, { name: 'virt-launcher-vm', ...grown });
    const { kept } = await cleaned(cluster);
    expect([...kept]).toEqual([]);
    const deletions = cluster.requests.filter(({ method }) => method === 'DELETE');
    expect(deletions.at(-1)?.path).toBe('/api/v1/namespaces/bench-a');
  });

  test('neither deletes nor waits for strangers that carry the label', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'bench-a', labels });
    const claim = cluster.put(CLAIMS, { name: 'precious', namespace: 'bench-a', labels });
    const claimRef = { uid: claim, namespace: 'bench-a' };
    cluster.put(VOLUMES, { name: 'pv' }, { spec: { claimRef } });
    const { left, volumes, removed } = await cleaned(cluster);
    expect({ left, volumes, removed }).toEqual({ left: [], volumes: [], removed: 0 });
    expect(cluster.requests.some(({ method }) => method === 'DELETE')).toBe(false);
    expect(cluster.kernel.nowUs()).toBeLessThan(SECOND);
  });

  test('waits for the volumes behind claims of ours, and for no others', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'lent' });
    const uid = cluster.put(CLAIMS, { name: 'ours', namespace: 'lent', ...made });
    const volume = (name: string, claim: string, policy: string) =>
      cluster.put(
        VOLUMES,
        { name },
        { spec: { claimRef: { uid: claim }, persistentVolumeReclaimPolicy: policy } },
      );
    volume('pv-ours', uid, 'Delete');
    volume('pv-kept', uid, 'Retain');
    volume('pv-theirs', 'other', 'Delete');
    const { volumes, told } = await cleaned(cluster, { timeoutUs: 10 * SECOND });
    expect(volumes).toEqual(['pv-ours']);
    expect(told.at(-1)).toBe('waiting for 1 volumes to be deleted');
  });

  test('cannot know of volumes that it may not see, and is done', async () => {
    const cluster = lent(({ path }) =>
      path === '/api/v1/persistentvolumes' ? forbidden('persistentvolumes') : undefined,
    );
    cluster.put(CLAIMS, { name: 'ours', namespace: 'lent', ...made });
    const { left, volumes } = await cleaned(cluster);
    expect({ left, volumes }).toEqual({ left: [], volumes: [] });
  });

  test('stops where the user has had enough', async () => {
    const enough = new AbortController();
    const cluster = lent(({ method, path }) => {
      if (method === 'DELETE' && path.includes('/virtualmachines/')) enough.abort();
      return undefined;
    });
    const { left } = await cleaned(cluster, { signal: enough.signal });
    expect(left.map(({ resource }) => resource.kind)).toEqual(['DataVolume', 'VolumeSnapshot']);
  });

  test('sends no more than 50 deletions a second once its burst is spent', async () => {
    const cluster = bareCluster();
    cluster.put(NAMESPACES, { name: 'lent' });
    for (let index = 0; index < 300; index++) {
      cluster.put(DATA_VOLUMES, { name: `ours-${index}`, namespace: 'lent', ...made });
    }
    expect((await cleaned(cluster)).left).toEqual([]);
    // 100 at once, 200 at 50 a second.
    expect(cluster.kernel.nowUs()).toBeGreaterThan(4 * SECOND);
    expect(cluster.kernel.nowUs()).toBeLessThan(8 * SECOND);
  });
});
