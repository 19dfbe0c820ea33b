/** A host-assisted copy: who waits for whom. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { DATA_VOLUMES, PODS } from '../../../../src/api/resources.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { createStorageCluster, dataVolume, IMAGE_URL, RHEL9, succeeded } from './cluster.ts';

const copying = { faults: { copiesInstead: () => 'told to' } };

test('the source pod is made once the upload server is ready, which its probe says', async () => {
  const { client, controllers, errors, kernel, parameters, server, until } =
    createStorageCluster(copying);
  const at = new Map<string, number>();
  server.onCommit(({ event }, { resource }) => {
    if (resource !== PODS) return;
    const pod = event.object as Pod;
    const kind = pod.metadata.labels?.['cdi.kubevirt.io'];
    const [container] = pod.status?.containerStatuses ?? [];
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
  });
  controllers.stop();
  expect(errors).toEqual([]);
  const between = (from: string, to: string) =>
    ((at.get(to) ?? Number.NaN) - (at.get(from) ?? Number.NaN)) / SECOND;
  // Its worker began to ask 4.2 s before; it may be asked 2 s after, and is at the tenth.
  const { sandboxTimeUs, launcherTimeUs } = parameters.kubelet;
  expect(sandboxTimeUs + launcherTimeUs).toBe(4.2 * SECOND);
  expect(between('cdi-upload-server Running', 'cdi-upload-server ready')).toBeCloseTo(5.8, 0);
  expect(between('cdi-upload-server ready', 'cdi-clone-source made')).toBeGreaterThan(0);
  expect(between('cdi-upload-server ready', 'cdi-clone-source made')).toBeLessThan(1);
  const sendingS = RHEL9.dataBytes / parameters.cdi.copyBandwidth;
  const sent = between('cdi-clone-source Running', 'cdi-clone-source Succeeded');
  expect(sent).toBeCloseTo(sendingS, 0);
  expect(between('cdi-clone-source Succeeded', 'cdi-upload-server Succeeded')).toBeCloseTo(0, 0);
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
