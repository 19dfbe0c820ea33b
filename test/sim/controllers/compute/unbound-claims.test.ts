/** A pod whose claim is not bound yet: no node is looked for, and then when. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { CLAIMS, PODS, STORAGE_CLASSES } from '../../../../src/api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../src/api/storage.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import type { Release } from '../../../../src/parameters/release.ts';
import {
  type ComputeCluster,
  NAMESPACE,
  startComputeCluster,
} from '../../../support/compute-cluster.ts';

function claim(name: string): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'at-once',
      resources: { requests: { storage: '1Gi' } },
    },
  } as PersistentVolumeClaim;
}

function pod(name: string, claimName: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      containers: [{ name: 'main', image: 'registry.example/main' }],
      volumes: [{ name: 'disk', persistentVolumeClaim: { claimName } }],
    },
  } as Pod;
}

async function bind({ client }: ComputeCluster, name: string): Promise<void> {
  const status = { phase: 'Bound' };
  await client.patch(CLAIMS, { namespace: NAMESPACE, name }, { status }, { subresource: 'status' });
}

/** Seconds from the pod to its node, where its claim is bound after so many. */
async function whenPlaced(release: Release, boundAfter: readonly number[]): Promise<number> {
  const cluster = startComputeCluster({ release });
  let placedUs = Number.NaN;
  let madeUs = 0;
  cluster.server.onCommit(({ event }, { resource }) => {
    if (resource !== PODS || Number.isFinite(placedUs)) return;
    if ((event.object as Pod).spec.nodeName) placedUs = cluster.clock.nowUs();
  });
  await cluster.clock.run(async () => {
    await cluster.controllers.ready;
    await cluster.client.create(STORAGE_CLASSES, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'at-once' },
      provisioner: 'example',
    });
    const [last = 0, ...before] = boundAfter.toReversed();
    for (const [i] of before.entries()) await cluster.client.create(CLAIMS, claim(`other-${i}`));
    await cluster.client.create(CLAIMS, claim('disk'));
    await cluster.clock.sleep(SECOND);
    madeUs = cluster.clock.nowUs();
    await cluster.client.create(PODS, pod('user', 'disk'));
    for (const [i, after] of before.toReversed().entries()) {
      await cluster.clock.sleep(madeUs + after * SECOND - cluster.clock.nowUs());
      await bind(cluster, `other-${i}`);
    }
    await cluster.clock.sleep(madeUs + last * SECOND - cluster.clock.nowUs());
    const refused = await cluster.client.get(PODS, { namespace: NAMESPACE, name: 'user' });
    expect(refused.status?.conditions?.find(({ type }) => type === 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: expect.stringMatching(
        /^0\/\d+ nodes are available: pod has unbound immediate PersistentVolumeClaims\.$/,
      ),
    });
    await bind(cluster, 'disk');
    await cluster.clock.sleep(30 * SECOND);
  });
  return (placedUs - madeUs) / SECOND;
}

test('within its first back-off the pod waits that out, to a whole second of the queue', async () => {
  const placed = await whenPlaced('ocp-4.15', [0.3]);
  expect(placed).toBeGreaterThanOrEqual(1);
  expect(placed).toBeLessThan(2.3);
});

test('after its back-off it is placed as soon as its claim is bound', async () => {
  const placed = await whenPlaced('ocp-4.15', [2.5]);
  expect(placed).toBeGreaterThanOrEqual(2.5);
  expect(placed).toBeLessThan(2.8);
});

test('any claim that changes has it tried in vain, and doubles its back-off', async () => {
  // Refused at 0, 1.5 and 3.8 s: the third back-off lasts four seconds.
  const placed = await whenPlaced('ocp-4.15', [1.5, 3.8, 4]);
  expect(placed).toBeGreaterThanOrEqual(7.8);
  expect(placed).toBeLessThan(9.1);
});

test('later schedulers heed its own claims alone, and wait for nothing', async () => {
  for (const times of [[0.3], [2.5], [1.5, 3.8, 4]]) {
    const placed = await whenPlaced('upstream-2026-08', times);
    expect(placed - (times.at(-1) ?? 0)).toBeLessThan(0.3);
  }
});

test('a claim that is not there is named, and the pod placed once it is there and bound', async () => {
  const cluster = startComputeCluster({});
  await cluster.clock.run(async () => {
    await cluster.controllers.ready;
    const user = { namespace: NAMESPACE, name: 'user' };
    await cluster.client.create(PODS, pod('user', 'disk'));
    await cluster.clock.sleep(5 * SECOND);
    expect((await cluster.client.get(PODS, user)).status?.conditions).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining('persistentvolumeclaim "disk" not found'),
      }),
    );
    await cluster.client.create(CLAIMS, claim('disk'));
    await bind(cluster, 'disk');
    await cluster.clock.sleep(12 * SECOND);
    expect((await cluster.client.get(PODS, user)).spec.nodeName).toBeDefined();
  });
});
