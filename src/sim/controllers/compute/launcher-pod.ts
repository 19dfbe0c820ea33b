/**
 * The virt-launcher pod of a VMI (kubevirt v1.1.1 pkg/virt-controller/services/template.go).
 * Labels travel from the VM's template over the VMI to here; most of the rest is the same in
 * every pod. What it asks of a node is KubeVirt's own sum (capacity/launcher-request.ts).
 */

import type { Container, VmiSpec, Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import {
  computeResources,
  consoleLogResources,
  launcherOverheadBytes,
  type LauncherRules,
} from '../../../capacity/launcher-request.ts';
import { has, type Release } from '../../../parameters/release.ts';
import * as parts from './launcher-parts.ts';
import { CREATED_BY } from './vm-objects.ts';
import { controllerReference } from '../chassis/ownership.ts';
import { shared } from './shared.ts';
import { claimBehind } from './volume-claim.ts';

const LAUNCHER_LABEL = 'kubevirt.io';
export const COMPUTE_CONTAINER = 'compute';

export interface LauncherOptions {
  readonly rules: LauncherRules;
  readonly release: Release;
  readonly image: string;
  readonly qemuTimeoutSeconds: number;
  /** Whether the claim holds a file system; a block device otherwise. */
  readonly hasFilesystem?: (claimName: string) => boolean;
  /** Simulated nodes carry a taint, which keeps everything else away. */
  readonly marked?: boolean;
}

export function launcherPod(vmi: VirtualMachineInstance, options: LauncherOptions): Pod {
  const { spec } = vmi;
  const { name, namespace, uid = '', labels } = vmi.metadata;
  const claims = claimVolumes(spec);
  const isInParts = has(options, 'launcherInParts');
  const beside = consoleLog(vmi, options.image);
  const tolerations = [
    ...(spec.tolerations ?? []),
    ...(options.marked ? [parts.SIMULATED_NODE_TOLERATION] : []),
  ];
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
        [CREATED_BY]: uid,
        'vm.kubevirt.io/name': name,
        ...(isInParts ? { 'vmi.kubevirt.io/id': name } : {}),
      },
      annotations: podAnnotations(vmi, options),
      ownerReferences: [controllerReference(vmi)],
    },
    spec: {
      volumes: [
        ...(isInParts ? parts.VOLUMES_BEFORE.filter(isNoDiskOfContainer) : parts.VOLUMES_BEFORE),
        ...claims,
        ...(hotplugs(spec) ? [parts.HOTPLUG_VOLUME] : []),
      ],
      ...(isInParts && beside.length > 0
        ? { initContainers: beside.map((container) => ({ ...container, restartPolicy: 'Always' })) }
        : {}),
      containers: [computeContainer(vmi, options), ...(isInParts ? [] : beside)],
      nodeSelector: parts.launcherNodeSelector(spec, isInParts),
      affinity: launcherAffinity(spec),
      securityContext: parts.POD_SECURITY,
      readinessGates: parts.GATES,
      ...(tolerations.length > 0 ? { tolerations } : {}),
      restartPolicy: 'Never',
      hostname: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: launcherGraceSeconds(spec) + KILL_AFTER_SECONDS,
    },
  };
}

/** Images of disks are volumes of their own in later releases, and need no place to be put. */
function isNoDiskOfContainer({ name }: { readonly name: string }): boolean {
  return name !== 'container-disks';
}

/** How long the guest may take to shut down; KubeVirt's default is 30 s. */
export function graceSeconds(spec: VmiSpec): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** The launcher's own time to leave, on top of the guest's; and then the kubelet's patience. */
const launcherGraceSeconds = (spec: VmiSpec) => graceSeconds(spec) + 15;
const KILL_AFTER_SECONDS = 15;

/** Of the claims that a spec's volumes stand on, by volume name, in order. */
export function claimVolumes(spec: VmiSpec): NonNullable<Pod['spec']['volumes']> {
  return (spec.volumes ?? []).flatMap((volume) => {
    const claimName = claimBehind(volume);
    return claimName === undefined
      ? []
      : [{ name: volume.name, persistentVolumeClaim: { claimName } }];
  });
}

function hotplugs({ domain }: VmiSpec): boolean {
  return domain.devices?.disableHotplug !== true;
}

function computeContainer(
  { metadata, spec }: VirtualMachineInstance,
  options: LauncherOptions,
): Container {
  const { rules, image, qemuTimeoutSeconds, hasFilesystem } = options;
  const isInParts = has(options, 'launcherInParts');
  const { name, namespace = '', uid = '' } = metadata;
  const graced = launcherGraceSeconds(spec);
  const claims = claimVolumes(spec).map((volume) => ({
    name: volume.name,
    filesystem: hasFilesystem?.(volume.persistentVolumeClaim?.claimName ?? '') ?? false,
  }));
  const disks = claims
    .filter(({ filesystem }) => filesystem)
    .map((volume) => ({ name: volume.name, mountPath: parts.diskDirectory(volume.name) }));
  const devices = claims
    .filter(({ filesystem }) => !filesystem)
    .map((volume) => shared({ name: volume.name, devicePath: `/dev/${volume.name}` }));
  return {
    name: COMPUTE_CONTAINER,
    image,
    ...parts.launcherCommand(
      { name, uid, namespace, qemuTimeoutSeconds, graceSeconds: graced },
      isInParts,
    ),
    env: parts.COMPUTE_ENV,
    resources: shared(computeResources(spec, rules)),
    volumeMounts: parts.mounts(hotplugs(spec), disks, isInParts),
    ...(devices.length > 0 ? { volumeDevices: devices } : {}),
    ...parts.CONTAINER_MANNERS,
    ...(isInParts ? { terminationMessagePolicy: 'FallbackToLogsOnError' } : {}),
    securityContext: isInParts ? parts.PLAIN_COMPUTE_SECURITY : parts.COMPUTE_SECURITY,
  };
}

/** The container beside the guest that writes its serial console's log; none where none is kept. */
function consoleLog(
  { metadata, spec }: VirtualMachineInstance,
  image: string,
): readonly Container[] {
  const resources = consoleLogResources(spec);
  if (!resources) return [];
  return [
    {
      name: 'guest-console-log',
      image,
      command: CONSOLE_LOG_COMMAND,
      args: ['--logfile', parts.consoleLogFile(metadata.uid ?? '')],
      env: parts.CONSOLE_LOG_ENV,
      resources,
      volumeMounts: parts.CONSOLE_LOG_MOUNTS,
      ...parts.CONTAINER_MANNERS,
      securityContext: parts.CONSOLE_LOG_SECURITY,
    },
  ];
}

const CONSOLE_LOG_COMMAND = Object.freeze(['/usr/bin/virt-tail']);

/** Bytes that the launcher takes beside its guest. */
export const MEMORY_OVERHEAD = 'kubevirt.io/memory-overhead-bytes';

function podAnnotations({ metadata, spec }: VirtualMachineInstance, options: LauncherOptions) {
  const { name, namespace = '', annotations = {} } = metadata;
  const own = Object.entries(annotations).filter(([key]) => !isKept(key));
  const freezer = (what: string) =>
    `["/usr/bin/virt-freezer", "--${what}", "--name", "${name}", "--namespace", "${namespace}"]`;
  const masquerades = spec.domain.devices?.interfaces?.some((each) => each.masquerade);
  return {
    ...Object.fromEntries(own),
    'kubevirt.io/domain': name,
    'kubectl.kubernetes.io/default-container': COMPUTE_CONTAINER,
    ...(masquerades ? { 'traffic.sidecar.istio.io/kubevirtInterfaces': 'k6t-eth0' } : {}),
    ...(has(options, 'overheadTold')
      ? { [MEMORY_OVERHEAD]: String(launcherOverheadBytes(spec, options.rules)) }
      : {}),
    ...(has(options, 'launcherInParts')
      ? {
          'descheduler.alpha.kubernetes.io/request-evict-only': '',
          'pre.hook.backup.velero.io/timeout': '60s',
          ...(masquerades ? { 'istio.io/reroute-virtual-interfaces': 'k6t-eth0' } : {}),
        }
      : {}),
    'pre.hook.backup.velero.io/container': COMPUTE_CONTAINER,
    'pre.hook.backup.velero.io/command': freezer('freeze'),
    'post.hook.backup.velero.io/container': COMPUTE_CONTAINER,
    'post.hook.backup.velero.io/command': freezer('unfreeze'),
    'kubevirt.io/migrationTransportUnix': 'true',
  };
}

/** Annotations of the VMI that are about the VMI alone. */
function isKept(annotation: string): boolean {
  return (
    annotation.startsWith('kubectl.kubernetes.io') ||
    annotation.startsWith('kubevirt.io/storage-observed-api-version') ||
    annotation.startsWith('kubevirt.io/latest-observed-api-version')
  );
}

interface NodeTerm {
  readonly matchExpressions?: readonly unknown[];
}

/** The VM's own, and where the guest has its host's CPU model, no host that has lost that. */
function launcherAffinity({ affinity, domain }: VmiSpec): unknown {
  const model = domain.cpu?.model ?? 'host-model';
  if (model !== 'host-model') return affinity;
  if (!affinity) return parts.HOST_MODEL_AFFINITY;
  const { nodeAffinity } = affinity as {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly NodeTerm[];
      };
    };
  };
  const required = parts.HOST_MODEL_AFFINITY.nodeAffinity;
  const [term] = required.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const nodeSelectorTerms = (terms ?? [{}]).map((each) => ({
    ...each,
    matchExpressions: [...(each.matchExpressions ?? []), ...(term?.matchExpressions ?? [])],
  }));
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms };
  return {
    ...affinity,
    nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution },
  };
}
