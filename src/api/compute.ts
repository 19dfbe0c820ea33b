/** The compute kinds, with the fields that bench and its simulator touch. */

import type { Condition, KubeObject, ObjectMeta } from './object.ts';
import type { DataVolumeTemplate, ResourceRequests } from './storage.ts';

export type RunStrategy = 'Always' | 'Halted' | 'Manual' | 'RerunOnFailure' | 'Once';

export interface VolumeSource {
  readonly name: string;
  readonly dataVolume?: { readonly name: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly containerDisk?: { readonly image: string };
  readonly cloudInitNoCloud?: unknown;
}

export interface Domain {
  readonly cpu?: { readonly cores?: number; readonly sockets?: number; readonly threads?: number };
  readonly memory?: { readonly guest?: string };
  readonly resources?: ResourceRequests;
  readonly devices?: { readonly disks?: readonly unknown[]; readonly tpm?: unknown };
  readonly firmware?: { readonly bootloader?: { readonly efi?: unknown; readonly bios?: unknown } };
}

export interface InstanceSpec {
  readonly domain: Domain;
  readonly volumes?: readonly VolumeSource[];
  readonly networks?: readonly unknown[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly evictionStrategy?: string;
  readonly terminationGracePeriodSeconds?: number;
}

export interface VirtualMachine extends KubeObject {
  readonly spec: {
    readonly running?: boolean;
    readonly runStrategy?: RunStrategy;
    readonly dataVolumeTemplates?: readonly DataVolumeTemplate[];
    readonly template: { readonly metadata?: Partial<ObjectMeta>; readonly spec: InstanceSpec };
  };
  readonly status?: {
    readonly created?: boolean;
    readonly ready?: boolean;
    readonly printableStatus?: string;
    readonly conditions?: readonly Condition[];
    readonly stateChangeRequests?: readonly {
      readonly action: 'Start' | 'Stop';
      readonly uid?: string;
      readonly data?: Readonly<Record<string, string>>;
    }[];
    readonly startFailure?: unknown;
    readonly volumeSnapshotStatuses?: readonly unknown[];
  };
}

export type InstancePhase =
  | 'Pending'
  | 'Scheduling'
  | 'Scheduled'
  | 'Running'
  | 'Succeeded'
  | 'Failed'
  | 'Unknown';

export interface VirtualMachineInstance extends KubeObject {
  readonly spec: InstanceSpec;
  readonly status?: {
    readonly phase?: InstancePhase;
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
    }[];
    readonly guestOSInfo?: Readonly<Record<string, string>>;
    readonly volumeStatus?: readonly unknown[];
    readonly qosClass?: string;
    readonly migrationMethod?: string;
    readonly runtimeUser?: number;
    readonly launcherContainerImageVersion?: string;
    readonly reason?: string;
  };
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image?: string;
      readonly resources?: ResourceRequests;
      readonly volumeDevices?: readonly { readonly name: string; readonly devicePath: string }[];
    }[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly readinessGates?: readonly { readonly conditionType: string }[];
    readonly terminationGracePeriodSeconds?: number;
    readonly schedulerName?: string;
    readonly tolerations?: readonly { readonly key?: string; readonly operator?: string }[];
    readonly restartPolicy?: string;
    readonly hostname?: string;
  };
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount?: number;
      readonly image?: string;
      readonly state?: Readonly<Record<string, unknown>>;
    }[];
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
    readonly taints?: readonly { readonly key: string; readonly effect: string }[];
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

/** Ceph's own status as Rook shows it; the pool's used bytes are recorded from here. */
export interface CephCluster extends KubeObject {
  readonly status?: {
    readonly ceph?: {
      readonly health?: string;
      readonly capacity?: {
        readonly bytesTotal?: number;
        readonly bytesUsed?: number;
        readonly bytesAvailable?: number;
      };
    };
  };
}
