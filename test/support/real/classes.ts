/**
 * Clones into another storage class than the source's: by the driver, which serves both, and from a
 * volume with a file system, of which only a host-assisted copy makes one without.
 */

import type { KubeObject } from '../../../src/api/object.ts';
import { DATA_VOLUMES } from '../../../src/api/resources.ts';
import type { DataVolume } from '../../../src/api/storage.ts';
import { MINUTE, SECOND } from '../../../src/core/duration.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import type { Arm } from './arm.ts';
import { namespace } from './kubevirt.ts';
import { apply } from './manifests.ts';
import { runBench, scenarioOf } from './run-bench.ts';

const CLASS = 'ocs-storagecluster-ceph-rbd-virtualization';
const OTHER = 'other-rbd';
const HOME = 'golden-images';

export async function cloneAcrossClasses(arm: Arm): Promise<readonly string[]> {
  const { client } = arm.plane;
  const known = (await client.raw({
    method: 'GET',
    path: `/apis/storage.k8s.io/v1/storageclasses/${CLASS}`,
  })) as { readonly body: KubeObject & Readonly<Record<string, unknown>> };
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode } = known.body;
  await apply(client, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: OTHER },
    provisioner,
    parameters,
    reclaimPolicy,
    volumeBindingMode,
    allowVolumeExpansion: true,
  } as KubeObject);
  await apply(client, namespace(HOME));
  await importInto(arm, 'block', 'Block');
  await importInto(arm, 'filed', 'Filesystem');
  const faults: string[] = [];
  for (const name of ['block', 'filed']) {
    const file = scenarioOf(arm, `classes-${name}`, STEPS, {
      class: OTHER,
      image: `from: { pvc: { namespace: ${HOME}, name: ${name} } }`,
    });
    faults.push(...(await runBench(arm, `classes-${name}`, file)));
  }
  return faults;
}

const STEPS = `  - clone: { image: rhel9, sources: [pvc], count: 2, wave: { size: 2 }, cleanup: true }
`;

async function importInto(
  { plane: { client } }: Arm,
  name: string,
  volumeMode: string,
): Promise<void> {
  const clock = systemClock();
  await client.create(DATA_VOLUMES, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, namespace: HOME },
    spec: {
      source: { http: { url: 'http://images.example/rhel9_uefi.qcow2' } },
      pvc: {
        accessModes: [volumeMode === 'Block' ? 'ReadWriteMany' : 'ReadWriteOnce'],
        volumeMode,
        storageClassName: CLASS,
        resources: { requests: { storage: '22Gi' } },
      },
    },
  } as DataVolume);
  const untilUs = clock.nowUs() + 5 * MINUTE;
  while (clock.nowUs() < untilUs) {
    const { status } = await client.get<DataVolume>(DATA_VOLUMES, { namespace: HOME, name });
    if (status?.phase === 'Succeeded') return;
    await clock.sleep(SECOND);
  }
  throw new Error(`${name} was not imported`);
}
