/** The compute kinds, with the fields that bench and its simulator touch. */

import type { Condition, KubeObject, ObjectMeta } from './object.ts';
import type { DataVolumeTemplate, ResourceRequests } from './storage.ts';

export type RunStrategy = 'Always' | 'Halted' | 'Manual' | 'RerunOnFailure' | 'Once';

export interface VolumeSource {
  readonly name: string;
  readonly dataVolume?: { readonly name: string; readonly hotpluggable?: boolean };
  readonly persistentVolumeClaim?: {
    readonly claimName: string;
    readonly hotpluggable?: boolean;
  };
  readonly containerDisk?: { readonly image: string };
  readonly cloudInitNoCloud?: unknown;
  readonly downwardMetrics?: unknown;
  readonly serviceAccount?: { readonly serviceAccountName?: string };
}

export interface Interface {
  readonly name: string;
  readonly model?: string;
  readonly masquerade?: unknown;
  readonly bridge?: unknown;
  readonly passt?: unknown;
  readonly sriov?: unknown;
  readonly ports?: readonly unknown[];
}

export interface Devices {
  readonly disks?: readonly unknown[];
  readonly interfaces?: readonly Interface[];
  readonly tpm?: unknown;
  readonly gpus?: readonly { readonly deviceName?: string }[];
  readonly hostDevices?: readonly { readonly deviceName?: string }[];
  readonly autoattachGraphicsDevice?: boolean;
  readonly autoattachPodInterface?: boolean;
  readonly autoattachSerialConsole?: boolean;
  readonly logSerialConsole?: boolean;
  readonly disableHotplug?: boolean;
}

export interface CpuTopology {
  readonly cores?: number;
  readonly sockets?: number;
  readonly threads?: number;
}

export interface Domain {
  readonly cpu?: CpuTopology & {
    readonly model?: string;
    readonly dedicatedCpuPlacement?: boolean;
    readonly isolateEmulatorThread?: boolean;
  };
  readonly memory?: {
    readonly guest?: string;
    readonly hugepages?: { readonly pageSize?: string };
  };
  readonly resources?: ResourceRequests & { readonly overcommitGuestOverhead?: boolean };
  readonly devices?: Devices;
  readonly machine?: { readonly type?: string };
  readonly features?: Readonly<Record<string, unknown>>;
  readonly firmware?: {
    readonly bootloader?: { readonly efi?: unknown; readonly bios?: unknown };
    readonly uuid?: string;
  };
  readonly launchSecurity?: { readonly sev?: unknown; readonly snp?: unknown };
}

export interface VmiSpec {
  readonly domain: Domain;
  readonly volumes?: readonly VolumeSource[];
  readonly networks?: readonly unknown[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly evictionStrategy?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly architecture?: string;
  readonly affinity?: Readonly<Record<string, unknown>>;
  readonly tolerations?: readonly Toleration[];
  readonly livenessProbe?: { readonly exec?: unknown };
  readonly readinessProbe?: { readonly exec?: unknown };
  readonly startStrategy?: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly effect?: string;
  readonly value?: string;
  readonly tolerationSeconds?: number;
}

/** Names an instance type or a preference; of the cluster where no kind is said. */
export interface Matcher {
  readonly name?: string;
  readonly kind?: string;
  readonly revisionName?: string;
  readonly inferFromVolume?: string;
  readonly inferFromVolumeFailurePolicy?: string;
}

/** What is asked of the addvolume subresource. */
export interface AddVolumeOptions {
  readonly name: string;
  readonly disk: Readonly<Record<string, unknown>>;
  readonly volumeSource: Omit<VolumeSource, 'name'>;
}

export interface VirtualMachine extends KubeObject {
  readonly spec: {
    readonly running?: boolean;
    readonly runStrategy?: RunStrategy;
    readonly dataVolumeTemplates?: readonly DataVolumeTemplate[];
    readonly instancetype?: Matcher;
    readonly preference?: Matcher;
    readonly template: { readonly metadata?: Partial<ObjectMeta>; readonly spec: VmiSpec };
  };
  readonly status?: {
    readonly created?: boolean;
    readonly ready?: boolean;
    readonly printableStatus?: string;
    readonly runStrategy?: RunStrategy;
    readonly conditions?: readonly Condition[];
    readonly stateChangeRequests?: readonly {
      readonly action: 'Start' | 'Stop';
      readonly uid?: string;
      readonly data?: Readonly<Record<string, string>>;
    }[];
    readonly startFailure?: unknown;
    readonly volumeSnapshotStatuses?: readonly unknown[];
    /** Volumes that are to be plugged into it, and are not yet. */
    readonly volumeRequests?: readonly { readonly addVolumeOptions?: AddVolumeOptions }[];
    /** Name of the VirtualMachineSnapshot, or restore, that has locked it. */
    readonly snapshotInProgress?: string;
    readonly restoreInProgress?: string;
    readonly observedGeneration?: number;
    readonly desiredGeneration?: number;
  };
}

export type VmiPhase =
  | 'Pending'
  | 'Scheduling'
  | 'Scheduled'
  | 'Running'
  | 'Succeeded'
  | 'Failed'
  | 'Unknown';

export interface VirtualMachineInstance extends KubeObject {
  readonly spec: VmiSpec;
  readonly status?: {
    readonly phase?: VmiPhase;
    readonly nodeName?: string;
    readonly conditions?: readonly Condition[];
    readonly phaseTransitionTimestamps?: readonly {
      readonly phase: string;
      readonly phaseTransitionTimestamp: string;
    }[];
    readonly activePods?: Readonly<Record<string, string>>;
    readonly interfaces?: readonly {
      readonly name?: string;
      readonly ipAddress?: string;
      readonly ipAddresses?: readonly string[];
      readonly infoSource?: string;
      readonly podInterfaceName?: string;
    }[];
    readonly guestOSInfo?: Readonly<Record<string, string>>;
    readonly volumeStatus?: readonly unknown[];
    readonly qosClass?: string;
    readonly migrationMethod?: string;
    readonly runtimeUser?: number;
    readonly migrationTransport?: string;
    readonly migrationState?: MigrationState;
    /** It must not stay there: the node is being drained. */
    readonly evacuationNodeName?: string;
    /** `frozen` while its file systems are. */
    readonly fsFreezeStatus?: string;
    readonly launcherContainerImageVersion?: string;
    readonly virtualMachineRevisionName?: string;
    readonly currentCPUTopology?: CpuTopology;
    readonly memory?: Readonly<Record<string, string>>;
    readonly reason?: string;
  };
}

/** How far the move of a VMI to another node is (kubevirt types.go). */
export interface MigrationState {
  readonly migrationUid?: string;
  readonly sourceNode?: string;
  readonly targetNode?: string;
  readonly targetPod?: string;
  /** The target's virt-handler is ready for it. */
  readonly targetNodeAddress?: string;
  readonly startTimestamp?: string;
  readonly endTimestamp?: string;
  readonly completed?: boolean;
  readonly failed?: boolean;
}

export type MigrationPhase =
  | 'Pending'
  | 'Scheduling'
  | 'Scheduled'
  | 'PreparingTarget'
  | 'TargetReady'
  | 'Running'
  | 'Succeeded'
  | 'Failed';

export interface VirtualMachineInstanceMigration extends KubeObject {
  readonly spec: { readonly vmiName: string };
  readonly status?: {
    readonly phase?: MigrationPhase;
    readonly phaseTransitionTimestamps?: readonly {
      readonly phase: string;
      readonly phaseTransitionTimestamp: string;
    }[];
  };
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly imagePullPolicy?: string;
  readonly resources?: ResourceRequests;
  readonly volumeDevices?: readonly { readonly name: string; readonly devicePath: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: unknown;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: string;
  /** Of an init container: `Always` makes it one that runs beside the others. */
  readonly restartPolicy?: string;
  readonly readinessProbe?: {
    readonly initialDelaySeconds?: number;
    readonly periodSeconds?: number;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly image?: string;
  readonly imageID?: string;
  readonly lastState?: Readonly<Record<string, unknown>>;
  readonly state?: Readonly<Record<string, unknown>>;
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
      readonly emptyDir?: unknown;
    }[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly readinessGates?: readonly { readonly conditionType: string }[];
    readonly terminationGracePeriodSeconds?: number;
    readonly schedulerName?: string;
    readonly tolerations?: readonly Toleration[];
    readonly restartPolicy?: string;
    readonly hostname?: string;
    readonly affinity?: unknown;
    readonly securityContext?: unknown;
    readonly automountServiceAccountToken?: boolean;
    readonly enableServiceLinks?: boolean;
  };
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
    readonly hostIP?: string;
    readonly qosClass?: string;
    readonly startTime?: string;
    readonly reason?: string;
    readonly message?: string;
  };
}

/**
 * Label and taint of a simulated node on a server that has others: the taint keeps pods away that
 * would never run there. Only launchers of simulated controllers tolerate it.
 */
export const SIMULATED_NODE = 'bench.kubevirt.io/simulated-node';

export interface Node extends KubeObject {
  readonly spec: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly {
      readonly key: string;
      readonly value?: string;
      readonly effect: string;
    }[];
  };
  readonly status?: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly Condition[];
    readonly volumesAttached?: readonly { readonly name: string; readonly devicePath: string }[];
    readonly volumesInUse?: readonly string[];
    readonly nodeInfo?: Readonly<Record<string, string>>;
  };
}

export interface Lease extends KubeObject {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** MicroTime. */
    readonly renewTime?: string;
    readonly acquireTime?: string;
  };
}

/** core/v1 Event; the bare word event means a watch event nowhere but on the wire. */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly reason: string;
  readonly message?: string;
  readonly type?: 'Normal' | 'Warning';
  readonly count?: number;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly source?: { readonly component?: string };
}
