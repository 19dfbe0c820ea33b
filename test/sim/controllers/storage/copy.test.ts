/** A host-assisted copy: who waits for whom. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { CLAIMS, DATA_VOLUMES, PODS, SECRETS, SERVICES } from '../../../../src/api/resources.ts';
import type { DataVolume } from '../../../../src/api/storage.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { createStorageCluster, dataVolume, IMAGE_URL, RHEL9, succeeded } from './cluster.ts';

/** The UIDs in their names left out. */
function describeOwned({ kind, metadata }: KubeObject): string {
  const [owner] = metadata.ownerReferences ?? [];
  const text = `${kind} ${metadata.name} of ${owner?.kind} ${owner?.name}`;
  return text.replaceAll(/-?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');
}

const copying = { faults: { copiesInstead: () => 'told to' } };

test('the source pod is made once the upload server is ready, which its probe says', async () => {
  const { client, controllers, errors, kernel, parameters, server, until } =
    createStorageCluster(copying);
  const at = new Map<string, number>();
  const nodeOf = new Map<string, string>();
  const progress: string[] = [];
  let claimEvents = 0;
  const beside: string[] = [];
  server.onCommit(({ event }, { resource }) => {
    if (resource === DATA_VOLUMES && event.object.metadata.name === 'copy') {
      const told = (event.object as DataVolume).status?.progress ?? '';
      if (told.endsWith('%') && told !== progress.at(-1)) progress.push(told);
    }
    if (resource === CLAIMS && event.object.metadata.name === 'copy') claimEvents += 1;
    if (resource === SECRETS || resource === SERVICES)
      beside.push(`${event.type} ${describeOwned(event.object)}`);
    if (resource !== PODS) return;
    const pod = event.object as Pod;
    const kind = pod.metadata.labels?.['cdi.kubevirt.io'];
    const [container] = pod.status?.containerStatuses ?? [];
    if (pod.spec.nodeName && kind) nodeOf.set(kind, pod.spec.nodeName);
    const note = (what: string) => {
      const key = `${kind} ${what}`;
      if (!at.has(key)) at.set(key, kernel.nowUs());
    };
    note('made');
    if (pod.status?.phase) note(pod.status.phase);
    if (container?.ready) note('ready');
  });
  await kernel.run(async () => {
    await controllers.synced;
    await client.create(DATA_VOLUMES, dataVolume('golden', { http: { url: IMAGE_URL } }));
    await until(DATA_VOLUMES, 'golden', succeeded);
    await client.create(DATA_VOLUMES, dataVolume('copy', { pvc: { name: 'golden' } }));
    await until(DATA_VOLUMES, 'copy', succeeded);
    await kernel.sleep(30 * SECOND);
  });
  controllers.stop();
  expect(errors).toEqual([]);
  expect(beside).toEqual([
    'ADDED Secret cdi-upload-tmp-pvc of Pod cdi-upload-tmp-pvc',
    'ADDED Service cdi-upload-tmp-pvc of PersistentVolumeClaim tmp-pvc',
    'ADDED Secret -source-pod of Pod -source-pod',
    // With its pod the other one goes, where somebody collects.
    'DELETED Service cdi-upload-tmp-pvc of PersistentVolumeClaim tmp-pvc',
  ]);
  const between = (from: string, to: string) =>
    ((at.get(to) ?? Number.NaN) - (at.get(from) ?? Number.NaN)) / SECOND;
  // Its worker began to ask 4.2 s before; it may be asked 2 s after, and is at the tenth.
  const { sandboxTimeUs, launcherTimeUs } = parameters.kubelet;
  expect(sandboxTimeUs + launcherTimeUs).toBe(4.2 * SECOND);
  expect(between('cdi-upload-server Running', 'cdi-upload-server ready')).toBeCloseTo(5.8, 0);
  expect(between('cdi-upload-server ready', 'cdi-clone-source made')).toBeGreaterThan(0);
  expect(between('cdi-upload-server ready', 'cdi-clone-source made')).toBeLessThan(1);
  // As far as there is room it is beside what takes its bytes.
  expect(nodeOf.get('cdi-clone-source')).toBe(nodeOf.get('cdi-upload-server'));
  // Every three seconds, of the 23 that the bytes take.
  expect(progress.length).toBeGreaterThan(6);
  expect(progress.length).toBeLessThan(12);
  expect(progress.at(-1)).toBe('100.0%');
  // Both controllers of the copy undo what the other says, while the source pod starts.
  expect(claimEvents).toBeGreaterThan(60);
  const sendingS = RHEL9.dataBytes / parameters.cdi.copyBandwidth;
  const sent = between('cdi-clone-source Running', 'cdi-clone-source Succeeded');
  // And its end is told once its volume is unmapped.
  expect(sent).toBeGreaterThan(sendingS);
  expect(sent).toBeLessThan(sendingS + 2.5);
  const after = between('cdi-clone-source Succeeded', 'cdi-upload-server Succeeded');
  expect(Math.abs(after)).toBeLessThan(1.5);
});

test('copies of one claim do not wait for each other', async () => {
  const { client, controllers, errors, kernel, parameters, until } = createStorageCluster(copying);
  let tookUs = 0;
  await kernel.run(async () => {
    await controllers.synced;
    await client.create(DATA_VOLUMES, dataVolume('golden', { http: { url: IMAGE_URL } }));
    await until(DATA_VOLUMES, 'golden', succeeded);
    const startUs = kernel.nowUs();
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      await client.create(DATA_VOLUMES, dataVolume(name, { pvc: { name: 'golden' } }));
      await kernel.sleep(10 * SECOND);
    }
    await Promise.all(names.map((name) => until(DATA_VOLUMES, name, succeeded)));
    tookUs = kernel.nowUs() - startUs;
  });
  controllers.stop();
  expect(errors).toEqual([]);
  // Twenty seconds apart at the most, and one copy.
  const copyS = RHEL9.dataBytes / parameters.cdi.copyBandwidth;
  expect(tookUs / SECOND).toBeLessThan(20 + copyS + 30);
});
