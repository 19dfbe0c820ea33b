/** The workers of the simulated cluster as Node objects: what they have, and what pods may use. */

import type { Node } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import { formatQuantity } from '../../../core/bytes.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { nodeName } from '../../../parameters/derived.ts';
import type { Parameters } from '../../../parameters/parameters.ts';

/**
 * Ready nodes with the capacity that `parameters.nodes` gives; `bootedUnixUs` stamps them. On a
 * bare cluster no virt-handler has said yet that they take VMs.
 */
export function nodeObjects(
  parameters: Parameters,
  bootedUnixUs: number,
  isBare = false,
): readonly Node[] {
  const { count } = parameters.nodes;
  const stamp = rfc3339(bootedUnixUs);
  const sizes = computeSizes(parameters);
  return Array.from({ length: count }, (_, index) => {
    const name = nodeName(index, count);
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { ...makeLabels(name), ...(isBare ? {} : VIRTUALIZATION_LABELS) },
        annotations: ANNOTATIONS,
      },
      spec: {},
      status: {
        ...sizes,
        addresses: [
          { type: 'InternalIP', address: `192.168.${index >> 8}.${index & 255}` },
          { type: 'Hostname', address: name },
        ],
        conditions: kubeletConditions(stamp),
        nodeInfo: NODE_INFO,
        volumesAttached: [],
        volumesInUse: [],
      },
    };
  });
}

const ANNOTATIONS = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };

const NODE_INFO = {
  architecture: 'amd64',
  containerRuntimeVersion: 'cri-o://1.28.7',
  kernelVersion: '5.14.0-284.67.1.el9_2.x86_64',
  kubeletVersion: 'v1.28.10',
  operatingSystem: 'linux',
  osImage: 'Simulated node',
};

const PRESSURES = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

/** What a kubelet says of a node that is well. */
export function kubeletConditions(stamp: string): readonly Condition[] {
  const times = { lastHeartbeatTime: stamp, lastTransitionTime: stamp };
  return [
    ...PRESSURES.map(([type, reason, message]) => ({
      type,
      status: 'False' as const,
      reason,
      message,
      ...times,
    })),
    {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
      ...times,
    },
  ];
}

/** What virt-handler's node labeller finds; newer releases select nodes by it (kubevirt 1.4). */
const MACHINE_TYPES = Object.fromEntries(
  ['q35', 'pc-q35-rhel9.2.0', 'pc-q35-rhel9.4.0'].map((type) => [
    `machine-type.node.kubevirt.io/${type}`,
    'true',
  ]),
);

/** What virt-handler says of a node that takes VMs. */
export const VIRTUALIZATION_LABELS: Readonly<Record<string, string>> = {
  'kubevirt.io/schedulable': 'true',
  ...MACHINE_TYPES,
};

function makeLabels(name: string): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
    'node-role.kubernetes.io/worker': '',
  };
}

function computeSizes({ nodes }: Parameters): {
  capacity: Readonly<Record<string, string>>;
  allocatable: Readonly<Record<string, string>>;
} {
  const shared = { cpu: String(nodes.cpus), pods: String(nodes.maxPods) };
  const others = {
    'ephemeral-storage': kibibytes(nodes.ephemeralStorageBytes),
    'devices.kubevirt.io/kvm': devices(nodes.devices),
    'devices.kubevirt.io/tun': devices(nodes.devices),
    'devices.kubevirt.io/vhost-net': devices(nodes.devices),
  };
  return {
    capacity: { ...shared, memory: kibibytes(nodes.memoryBytes), ...others },
    allocatable: {
      ...shared,
      memory: kibibytes(nodes.memoryBytes - nodes.reservedMemoryBytes),
      ...others,
    },
  };
}

/** As Kubernetes prints a decimal quantity: 1000 is `1k`. */
function devices(count: number): string {
  return count % 1000 === 0 && count > 0 ? `${count / 1000}k` : String(count);
}

function kibibytes(bytes: number): string {
  return formatQuantity(Math.floor(bytes / 1024) * 1024);
}
