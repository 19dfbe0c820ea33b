/**
 * The virt-launcher pod of an instance (kubevirt v1.1.1 pkg/virt-controller/services/template.go).
 * Labels travel from the VM's template over the instance to here. What the pod asks of a node is
 * the guest's memory plus overhead, and the guest's CPUs divided by the allocation ratio.
 */

import {
  type InstanceSpec,
  type Pod,
  type VirtualMachineInstance,
  SIMULATED_NODE,
} from '../../../api/compute.ts';
import { formatQuantity, GIB, KIB, parseBytes, parseCpu } from '../../../core/bytes.ts';
import { deepFreeze } from '../../../core/json.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import { CREATED_BY } from './machine-objects.ts';
import { controllerReference } from './ownership.ts';

const LAUNCHER_LABEL = 'kubevirt.io';
export const COMPUTE_CONTAINER = 'compute';
/** False while the guest is paused: the pod is not ready then. */
export const UNPAUSED_GATE = 'kubevirt.io/virtual-machine-unpaused';
export const LAUNCHER_IMAGE = 'virt-launcher:v1.1.1';

/** `marked`: simulated nodes carry a taint, which keeps everything else away. */
export function launcherPod(
  instance: VirtualMachineInstance,
  parameters: Parameters,
  marked = false,
): Pod {
  const { name, namespace, uid, labels, annotations } = instance.metadata;
  const volumes = claimVolumes(instance.spec);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `virt-launcher-${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...labels,
        [LAUNCHER_LABEL]: 'virt-launcher',
        [CREATED_BY]: uid ?? '',
        'vm.kubevirt.io/name': name,
      },
      annotations: {
        ...annotations,
        'kubevirt.io/domain': name,
        'kubectl.kubernetes.io/default-container': COMPUTE_CONTAINER,
      },
      ownerReferences: [controllerReference(instance)],
    },
    spec: {
      containers: [
        {
          name: COMPUTE_CONTAINER,
          image: LAUNCHER_IMAGE,
          resources: launcherResources(instance.spec, parameters),
          volumeDevices: volumes.map((volume) => ({
            name: volume.name,
            devicePath: `/dev/${volume.name}`,
          })),
        },
      ],
      volumes,
      nodeSelector: instance.spec.nodeSelector
        ? { ...instance.spec.nodeSelector, ...SCHEDULABLE }
        : SCHEDULABLE,
      readinessGates: GATES,
      ...(marked ? { tolerations: TOLERATIONS } : {}),
      restartPolicy: 'Never',
      hostname: name,
      terminationGracePeriodSeconds: graceSeconds(instance.spec) + LAUNCHER_GRACE_SECONDS,
    },
  };
}

/** How long the guest may take to shut down; KubeVirt's default is 30 s. */
export function graceSeconds(spec: InstanceSpec): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** vCPUs of the guest. */
function guestCpus({ domain }: InstanceSpec): number {
  const { cores = 1, sockets = 1, threads = 1 } = domain.cpu ?? {};
  return cores * sockets * threads;
}

/** Bytes of the guest's memory. */
function guestMemoryBytes({ domain }: InstanceSpec): number {
  const text = domain.memory?.guest ?? domain.resources?.requests?.['memory'] ?? '';
  return parseBytes(text) ?? GIB;
}

/** Of the claims that a spec's volumes stand on, by volume name, in order. */
export function claimVolumes(spec: InstanceSpec): NonNullable<Pod['spec']['volumes']> {
  return (spec.volumes ?? []).flatMap(({ name, dataVolume, persistentVolumeClaim }) => {
    const claimName = dataVolume?.name ?? persistentVolumeClaim?.claimName;
    return claimName === undefined ? [] : [{ name, persistentVolumeClaim: { claimName } }];
  });
}

/** The launcher's own time to leave, on top of the guest's. */
const LAUNCHER_GRACE_SECONDS = 15;
const SCHEDULABLE = deepFreeze({ 'kubevirt.io/schedulable': 'true' });
const TOLERATIONS = deepFreeze([{ key: SIMULATED_NODE, operator: 'Exists' }]);
const GATES = deepFreeze([{ conditionType: UNPAUSED_GATE }]);
const DEVICES = deepFreeze({ 'devices.kubevirt.io/kvm': '1' });

function launcherResources(spec: InstanceSpec, parameters: Parameters) {
  const { cpuAllocationRatio, launcherOverheadBytes } = parameters.virtController;
  const asked = spec.domain.resources?.requests;
  const askedCpus = parseCpu(asked?.['cpu'] ?? '');
  const cpus = askedCpus ?? guestCpus(spec) / cpuAllocationRatio;
  const memory = parseBytes(asked?.['memory'] ?? '') ?? guestMemoryBytes(spec);
  const roundedBytes = Math.ceil((memory + launcherOverheadBytes) / KIB) * KIB;
  return {
    requests: {
      cpu: `${Math.max(1, Math.round(cpus * 1000))}m`,
      memory: formatQuantity(roundedBytes),
      ...DEVICES,
    },
    limits: DEVICES,
  };
}
