/**
 * Volumes plugged into an instance that runs: those of its spec that its launcher pod does not
 * have. A pod of their own brings them to its node, all that are ready in one; when that set grows
 * the next pod replaces the one before (kubevirt v1.1.1 watch/vmi.go handleHotplugVolumes,
 * services/template.go RenderHotplugAttachmentPodTemplate).
 */

import type { Pod, VirtualMachineInstance, VolumeSource } from '../../../api/compute.ts';
import { CLAIMS, DATA_VOLUMES, PODS, VMIS } from '../../../api/resources.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { objectKey } from '../../../kube/informer.ts';
import { controllerReference, findController, isDeleting } from '../chassis/ownership.ts';
import { createExpectations } from '../chassis/expectations.ts';
import type { ComputeLab } from './lab.ts';
import { disksAreReady } from './printable-status.ts';
import { isPodDown } from './vmi-status.ts';
import type { Plugged } from './volume-status.ts';
import { claimBehind } from './volume-claim.ts';

export interface Hotplug {
  /** One step towards the pod that the instance's plugged volumes need. */
  sync(vmi: VirtualMachineInstance, launcher: Pod): Promise<void>;
  /** What was plugged into it, with the pod for all that is ready; undefined where nothing was. */
  plugged(vmi: VirtualMachineInstance, launcher: Pod): Plugged | undefined;
}

export interface HotplugParts {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  /** Looks at the instance again once something becomes of the claim or DataVolume. */
  await(vmi: VirtualMachineInstance, name: string): void;
  /** A pod of the launcher of the instance with this key came, changed or went. */
  onChange(vmiKey: string): void;
}

export function createHotplug(parts: HotplugParts): Hotplug {
  const { lab, client } = parts;
  const pods = lab.informer(PODS);
  const created = createExpectations(lab.clock);
  /** By the UID of the launcher. */
  const byLauncher = new Map<string, Map<string, Pod>>();
  pods.onChange((now, before) => {
    const pod = now ?? before;
    const owner = pod && findController(pod, PODS.kind);
    if (!owner) return;
    if (!before) created.seen(pod.metadata.uid ?? '');
    const own = byLauncher.get(owner.uid) ?? new Map<string, Pod>();
    if (now) byLauncher.set(owner.uid, own.set(pod.metadata.uid ?? '', now));
    else own.delete(pod.metadata.uid ?? '');
    if (own.size === 0) byLauncher.delete(owner.uid);
    const launcher = pods.get(pod.metadata.namespace, owner.name);
    const vmi = launcher && findController(launcher, VMIS.kind);
    if (vmi) parts.onChange(objectKey(pod.metadata.namespace, vmi.name));
  });
  const claims = lab.informer(CLAIMS);
  const dataVolumes = lab.informer(DATA_VOLUMES);
  const isReady = (vmi: VirtualMachineInstance, name: string) => {
    const { namespace } = vmi.metadata;
    const dataVolume = dataVolumes.get(namespace, name);
    const isBound = claims.get(namespace, name)?.status?.phase === 'Bound';
    const ready = isBound && (dataVolume === undefined || disksAreReady([dataVolume]));
    if (!ready) parts.await(vmi, name);
    return ready;
  };
  const podsOf = ({ metadata }: Pod) => [...(byLauncher.get(metadata.uid ?? '')?.values() ?? [])];
  const readyOf = (vmi: VirtualMachineInstance, launcher: Pod) =>
    pluggedVolumes(vmi, launcher).filter((volume) => isReady(vmi, claimBehind(volume) ?? ''));
  const fitting = (volumes: readonly VolumeSource[], all: readonly Pod[]) =>
    all.find((pod) => !isDeleting(pod) && !isPodDown(pod) && carries(pod, volumes));
  return {
    plugged(vmi, launcher) {
      const volumes = pluggedVolumes(vmi, launcher);
      if (volumes.length === 0) return undefined;
      const names = new Set(volumes.map(({ name }) => name));
      return { names, pod: fitting(readyOf(vmi, launcher), podsOf(launcher)) };
    },
    async sync(vmi, launcher) {
      const all = podsOf(launcher);
      if (isDeleting(vmi) || vmi.status?.phase !== 'Running') return;
      const ready = readyOf(vmi, launcher);
      const current = fitting(ready, all);
      const key = launcher.metadata.uid ?? '';
      if (current === undefined && ready.length > 0 && !created.isPending(key)) {
        const { metadata } = await client.create(PODS, attachmentPod(launcher, ready));
        if (!pods.get(metadata.namespace, metadata.name)) created.expect(key, metadata.uid ?? '');
        return;
      }
      if (ready.length > 0 && current?.status?.phase !== 'Running') return;
      for (const pod of all) {
        if (pod === current || isDeleting(pod)) continue;
        await client.remove(PODS, pod.metadata).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      }
    },
  };
}

/** Volumes with a claim that its launcher pod was not made with. */
function pluggedVolumes(
  { spec }: VirtualMachineInstance,
  launcher: Pod | undefined,
): readonly VolumeSource[] {
  const own = new Set((launcher?.spec.volumes ?? []).map(({ name }) => name));
  return (spec.volumes ?? []).filter(
    (volume) => claimBehind(volume) !== undefined && !own.has(volume.name),
  );
}

function carries({ spec }: Pod, volumes: readonly VolumeSource[]): boolean {
  const own = (spec.volumes ?? []).filter((volume) => volume.persistentVolumeClaim);
  if (own.length !== volumes.length) return false;
  return volumes.every((volume) => own.some(({ name }) => name === volume.name));
}

const HOTPLUG_DISKS = 'hotplug-disks';

/** Goes to the node of the launcher, and is gone with it. */
function attachmentPod(launcher: Pod, volumes: readonly VolumeSource[]): Pod {
  const { namespace } = launcher.metadata;
  const [first] = launcher.spec.containers;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: 'hp-volume-',
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'kubevirt.io': 'hotplug-disk' },
      ownerReferences: [controllerReference(launcher)],
    },
    spec: {
      containers: [
        {
          name: 'hotplug-disk',
          image: first?.image ?? '',
          command: ['/bin/sh', '-c', '/usr/bin/container-disk --copy-path /path/hp'],
          resources: {
            limits: { cpu: '100m', memory: '80M' },
            requests: { cpu: '10m', memory: '2M' },
          },
          volumeDevices: volumes.map(({ name }) => ({ name, devicePath: `/path/${name}` })),
        },
      ],
      // KubeVirt says the same as a required node affinity.
      nodeSelector: { 'kubernetes.io/hostname': launcher.spec.nodeName ?? '' },
      volumes: [
        { name: HOTPLUG_DISKS, emptyDir: {} },
        ...volumes.map((volume) => {
          const claimName = claimBehind(volume) ?? '';
          return { name: volume.name, persistentVolumeClaim: { claimName } };
        }),
      ],
      terminationGracePeriodSeconds: 0,
    },
  };
}
