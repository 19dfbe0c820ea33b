/**
 * What the launcher pods of all VMs have in common, once for all of them: a pod is 7 kB on the
 * wire and a few hundred bytes here (kubevirt v1.1.1 pkg/virt-controller/services).
 */

import type { Container, VmiSpec } from '../../../api/compute.ts';
import { SIMULATED_NODE } from '../../../api/compute.ts';
import { SCHEDULABLE } from '../../../capacity/pod-demand.ts';
import { deepFreeze } from '../../../core/json.ts';

/** False while the guest is paused: the pod is not ready then. */
export const UNPAUSED_GATE = 'kubevirt.io/virtual-machine-unpaused';

const PRIVATE_DIR = '/var/run/kubevirt-private';

/** Where the disk of a claim with a file system is found. */
export const diskDirectory = (volume: string) => `${PRIVATE_DIR}/vmi-disks/${volume}`;

export const consoleLogFile = (uid: string) => `${PRIVATE_DIR}/${uid}/virt-serial0-log`;

const emptyDir = (name: string) => ({ name, emptyDir: {} });

export const VOLUMES_BEFORE = deepFreeze(
  [
    'private',
    'public',
    'sockets',
    'virt-bin-share-dir',
    'libvirt-runtime',
    'ephemeral-disks',
    'container-disks',
  ].map(emptyDir),
);

export const HOTPLUG_VOLUME = deepFreeze(emptyDir('hotplug-disks'));

export const MOUNTS = deepFreeze([
  { name: 'private', mountPath: PRIVATE_DIR },
  { name: 'public', mountPath: '/var/run/kubevirt' },
  { name: 'ephemeral-disks', mountPath: '/var/run/kubevirt-ephemeral-disks' },
  {
    name: 'container-disks',
    mountPath: '/var/run/kubevirt/container-disks',
    mountPropagation: 'HostToContainer',
  },
  { name: 'libvirt-runtime', mountPath: '/var/run/libvirt' },
  { name: 'sockets', mountPath: '/var/run/kubevirt/sockets' },
]);

const HOTPLUG_MOUNT = deepFreeze({
  name: 'hotplug-disks',
  mountPath: '/var/run/kubevirt/hotplug-disks',
  mountPropagation: 'HostToContainer',
});

const MOUNTS_WITH_HOTPLUG = deepFreeze([...MOUNTS, HOTPLUG_MOUNT]);

/** Without the place for disks out of containers where images are volumes. */
const MOUNTS_OF_IMAGES = deepFreeze(MOUNTS.filter(({ name }) => name !== 'container-disks'));

export function mounts(
  hotplug: boolean,
  disks: readonly (typeof MOUNTS)[number][],
  mountsImages: boolean,
) {
  const own = mountsImages ? MOUNTS_OF_IMAGES : MOUNTS;
  if (disks.length === 0 && !mountsImages) return hotplug ? MOUNTS_WITH_HOTPLUG : MOUNTS;
  return [...own, ...disks, ...(hotplug ? [HOTPLUG_MOUNT] : [])];
}

export const CONSOLE_LOG_MOUNTS = deepFreeze([
  { name: 'private', readOnly: true, mountPath: PRIVATE_DIR },
]);

/** Of containers that run as the user qemu. */
export const CONTAINER_MANNERS = deepFreeze({
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
} satisfies Partial<Container>);

export const COMPUTE_ENV = deepFreeze([
  { name: 'XDG_CACHE_HOME', value: PRIVATE_DIR },
  { name: 'XDG_CONFIG_HOME', value: PRIVATE_DIR },
  { name: 'XDG_RUNTIME_DIR', value: '/var/run' },
  {
    name: 'POD_NAME',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
  },
]);

export const CONSOLE_LOG_ENV = deepFreeze([{ name: 'VIRT_LAUNCHER_LOG_VERBOSITY', value: '2' }]);

const QEMU = 107;

export const COMPUTE_SECURITY = deepFreeze({
  capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
  privileged: false,
  runAsUser: QEMU,
  runAsGroup: QEMU,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
});

const { privileged: _, ...PLAIN } = COMPUTE_SECURITY;

/** Of releases that need not say that it is not privileged. */
export const PLAIN_COMPUTE_SECURITY = deepFreeze(PLAIN);

export const CONSOLE_LOG_SECURITY = deepFreeze({
  capabilities: { drop: ['ALL'] },
  runAsUser: QEMU,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
});

export const POD_SECURITY = deepFreeze({
  runAsUser: QEMU,
  runAsGroup: QEMU,
  runAsNonRoot: true,
  fsGroup: QEMU,
});

export const GATES = deepFreeze([{ conditionType: UNPAUSED_GATE }]);

const NOT_OBSOLETE = {
  key: 'node-labeller.kubevirt.io/obsolete-host-model',
  operator: 'DoesNotExist',
};

/** Of guests with the CPU model of their host: not where a host has changed its own. */
export const HOST_MODEL_AFFINITY = deepFreeze({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [NOT_OBSOLETE] }],
    },
  },
});

/** Simulated nodes beside others carry a taint, which keeps everything else away. */
export const SIMULATED_NODE_TOLERATION = deepFreeze({ key: SIMULATED_NODE, operator: 'Exists' });

const COMMAND_MIDDLE = [
  '--kubevirt-share-dir',
  '/var/run/kubevirt',
  '--ephemeral-disk-dir',
  '/var/run/kubevirt-ephemeral-disks',
  '--container-disk-dir',
  '/var/run/kubevirt/container-disks',
];

interface Launched {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly qemuTimeoutSeconds: number;
  readonly graceSeconds: number;
}

/** All in one where it is not `inParts`. */
export function launcherCommand(
  launched: Launched,
  inParts: boolean,
): Pick<Container, 'command' | 'args'> {
  const program = '/usr/bin/virt-launcher-monitor';
  if (!inParts) {
    return { command: [program, ...launcherArguments(launched), ...FIRMWARE, '--run-as-nonroot'] };
  }
  return { command: [program], args: [...launcherArguments(launched), ...LATER_ARGUMENTS] };
}

const FIRMWARE = ['--ovmf-path', '/usr/share/OVMF'];

const LATER_ARGUMENTS = [
  '--ovmf-path',
  '/usr/share/edk2/ovmf',
  '--disk-memory-limit',
  '2097152000',
  '--hypervisor',
  'kvm',
  '--run-as-nonroot',
  '--image-volume',
  '--upgrade-ordinal-ifaces',
];

function launcherArguments(launched: Launched): readonly string[] {
  const { name, uid, namespace, qemuTimeoutSeconds, graceSeconds } = launched;
  return [
    '--qemu-timeout',
    `${qemuTimeoutSeconds}s`,
    '--name',
    name,
    '--uid',
    uid,
    '--namespace',
    namespace,
    ...COMMAND_MIDDLE,
    '--grace-period-seconds',
    String(graceSeconds),
    '--hook-sidecars',
    '0',
  ];
}

/** Node labels that a pod asks for beside the VM's own. */
export function launcherNodeSelector(
  { nodeSelector: asked, architecture, domain }: VmiSpec,
  asksForMachine: boolean,
): Readonly<Record<string, string>> {
  if (!asked && !architecture) return SCHEDULABLE;
  const machine = (domain.machine as { readonly type?: string } | undefined)?.type;
  return {
    ...SCHEDULABLE,
    ...(architecture ? { 'kubernetes.io/arch': architecture } : {}),
    ...(asksForMachine && machine ? { [`machine-type.node.kubevirt.io/${machine}`]: 'true' } : {}),
    ...asked,
  };
}

/** What virt-controller says at the gate of a pod whose guest is paused, and of all others. */
export const GATE_CLOSED = {
  status: 'False',
  reason: 'Paused',
  message: 'the virtual machine is paused',
} as const;

export const GATE_OPEN = {
  status: 'True',
  reason: 'NotPaused',
  message: 'the virtual machine is not paused',
} as const;
