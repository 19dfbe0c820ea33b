/**
 * What is read of each watched kind, and whose clock wrote which stamp. Heartbeats, progress,
 * mirrored conditions and what goes without saying (a new claim or pod is Pending) are left out:
 * they are most of the traffic and say nothing about latency.
 */

import type { Pod, VirtualMachine, VirtualMachineInstance } from '../api/compute.ts';
import type { Condition, KubeObject, OwnerReference } from '../api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  VMIS,
  PODS,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim, VolumeSnapshot } from '../api/storage.ts';

/** Receives a value as the object has it now; whether it is news, the receiver knows. */
export type Tell = (name: string, value: string, stamp?: string | null, clock?: string) => void;

interface AnnotationRule {
  readonly name: string;
  /** Values that say nothing. */
  readonly except?: ReadonlySet<string>;
}

export interface ObservedKind {
  readonly resource: Resource;
  /** Objects of the run's label that matter; helpers' claims and pods do not. */
  readonly accepts: (object: KubeObject) => boolean;
  /** The plain values: phase, readiness, node. Conditions and annotations are read apart. */
  readonly values: (object: KubeObject, tell: Tell) => void;
  readonly conditions: (object: KubeObject) => readonly Condition[] | undefined;
  /** Conditions worth recording; all where undefined. */
  readonly conditionTypes?: ReadonlySet<string>;
  /** Conditions that say nothing about how far the object is. */
  readonly ignoredConditions?: ReadonlySet<string>;
  /** The clock that writes a condition's stamp. */
  readonly conditionClock: (condition: Condition, object: KubeObject) => string | undefined;
  /** Annotations worth recording, and the names under which they are. */
  readonly annotations?: Readonly<Record<string, AnnotationRule>>;
  /** Phase transitions that the object lists itself, oldest first, each stamped once. */
  readonly transitions?: (object: KubeObject) => readonly StampedPhase[] | undefined;
  /** Where a DataVolume's content comes from: the key of its source. */
  readonly source?: (object: KubeObject) => string | undefined;
}

interface StampedPhase {
  readonly phase: string;
  readonly phaseTransitionTimestamp: string;
}

export function findController(object: KubeObject): OwnerReference | undefined {
  const owners = object.metadata.ownerReferences;
  return owners?.find(({ controller }) => controller) ?? owners?.[0];
}

/** Who writes the stamp of a VMI's phase (KubeVirt: virt-api's webhook, virt-controller,
 * and from Running on virt-handler on the VMI's node). */
export function phaseClock(phase: string, object: KubeObject): string {
  if (phase === 'Pending') return 'virt-api';
  if (phase === 'Scheduling' || phase === 'Scheduled') return 'virt-controller';
  return nodeClock((object as VirtualMachineInstance).status?.nodeName);
}

const CDI_ANNOTATIONS: Readonly<Record<string, AnnotationRule>> = {
  'cdi.kubevirt.io/cloneType': { name: 'cloneType' },
  'cdi.kubevirt.io/cloneFallbackReason': { name: 'cloneFallbackReason' },
  // Which way the clone took; when it was where, the DataVolume's phase tells.
  'cdi.kubevirt.io/clonePhase': {
    name: 'clonePhase',
    // Error flashes for a moment on half of all clones (CDI up to 1.60: "actual PVC size missing").
    except: new Set(['Pending', 'PrepClaim', 'Rebind', 'Error', 'Succeeded']),
  },
};

const VIRTUAL_MACHINE: ObservedKind = {
  resource: VIRTUAL_MACHINES,
  accepts: () => true,
  values(object, tell) {
    const status = (object as VirtualMachine).status;
    if (status?.printableStatus) tell('printableStatus', status.printableStatus);
  },
  conditions: (object) => (object as VirtualMachine).status?.conditions,
  // All others are copies of the VMI's.
  conditionTypes: new Set(['Ready', 'Failure']),
  conditionClock: () => 'virt-controller',
};

const DATA_VOLUME: ObservedKind = {
  resource: DATA_VOLUMES,
  accepts: () => true,
  values(object, tell) {
    tellPhase((object as DataVolume).status?.phase, tell);
  },
  conditions: (object) => (object as DataVolume).status?.conditions,
  conditionClock: () => 'cdi',
  source: (object) => {
    const { source, sourceRef } = (object as Partial<DataVolume>).spec ?? {};
    return source === undefined ? sourceRef && 'sourceRef' : Object.keys(source)[0];
  },
};

const CLAIM: ObservedKind = {
  resource: CLAIMS,
  // CDI's own claims (tmp-pvc-..., prime-...) carry the labels of the one they are made for.
  accepts: (object) => findController(object)?.kind === 'DataVolume',
  values(object, tell) {
    tellPhase((object as PersistentVolumeClaim).status?.phase, tell);
  },
  conditions: () => undefined,
  conditionClock: () => 'kube-controller-manager',
  annotations: CDI_ANNOTATIONS,
};

const SNAPSHOT: ObservedKind = {
  resource: SNAPSHOTS,
  accepts: () => true,
  values(object, tell) {
    const status = (object as VolumeSnapshot).status;
    if (status?.readyToUse !== undefined) tell('readyToUse', String(status.readyToUse));
    if (status?.error?.message) tell('error', status.error.message);
  },
  conditions: () => undefined,
  conditionClock: () => 'snapshot-controller',
};

const HANDLER_CONDITIONS = new Set(['AgentConnected', 'Paused']);

const VMI: ObservedKind = {
  resource: VMIS,
  accepts: () => true,
  values(object, tell) {
    const status = (object as VirtualMachineInstance).status;
    tellPhase(status?.phase, tell);
    if (status?.nodeName) tell('node', status.nodeName);
  },
  conditions: (object) => (object as VirtualMachineInstance).status?.conditions,
  ignoredConditions: new Set(['LiveMigratable', 'StorageLiveMigratable']),
  conditionClock: ({ type }, object) =>
    HANDLER_CONDITIONS.has(type)
      ? nodeClock((object as VirtualMachineInstance).status?.nodeName)
      : 'virt-controller',
  transitions: (object) => (object as VirtualMachineInstance).status?.phaseTransitionTimestamps,
};

/** The first address of the first interface that has one; undefined where there is none. */
export function guestAddress({ status }: VirtualMachineInstance): string | undefined {
  return status?.interfaces?.find(({ ipAddress }) => ipAddress)?.ipAddress;
}

/** What a run needs to know of the addresses of guests. */
export interface AddressesAsked {
  /** That they have one is what a step waits for; else they are only asked at it. */
  readonly isGoal: boolean;
}

function withAddress(kind: ObservedKind, { isGoal }: AddressesAsked): ObservedKind {
  return {
    ...kind,
    values(object, tell) {
      kind.values(object, tell);
      const address = guestAddress(object as VirtualMachineInstance);
      if (address === undefined) return;
      tell('ip', address);
      if (isGoal) tell('addressed', 'True');
    },
  };
}

const LAUNCHER: ObservedKind = {
  resource: PODS,
  accepts: (object) => findController(object)?.kind === 'VirtualMachineInstance',
  values(object, tell) {
    tellPhase((object as Pod).status?.phase, tell);
  },
  conditions: (object) => (object as Pod).status?.conditions,
  ignoredConditions: new Set(['kubevirt.io/virtual-machine-unpaused']),
  conditionClock: podConditionClock,
};

export const OBSERVED_KINDS: readonly ObservedKind[] = [
  VIRTUAL_MACHINE,
  DATA_VOLUME,
  CLAIM,
  SNAPSHOT,
  VMI,
  LAUNCHER,
];

/** How a kind is looked at that a step names: any other than those above by its status alone. */
export function observedKind(
  resource: Resource,
  { addresses }: { readonly addresses?: AddressesAsked | undefined } = {},
): ObservedKind {
  const known = OBSERVED_KINDS.find((each) => isSame(each.resource, resource));
  if (addresses && known === VMI) return withAddress(known, addresses);
  return known ?? { ...UNKNOWN, resource };
}

function isSame(a: Resource, b: Resource): boolean {
  return a.group === b.group && a.plural === b.plural;
}

interface PlainStatus {
  readonly phase?: unknown;
  readonly conditions?: unknown;
}

/** Whose clock stamps it nobody knows. */
const UNKNOWN: Omit<ObservedKind, 'resource'> = {
  accepts: () => true,
  values(object, tell) {
    const { phase } = (object.status ?? {}) as PlainStatus;
    if (typeof phase === 'string') tellPhase(phase, tell);
  },
  conditions(object) {
    const { conditions } = (object.status ?? {}) as PlainStatus;
    return Array.isArray(conditions) ? (conditions as readonly Condition[]) : undefined;
  },
  conditionClock: () => undefined,
};

function tellPhase(phase: string | undefined, tell: Tell): void {
  if (phase) tell('phase', phase);
}

/** Binding writes PodScheduled in the API server; a failed scheduling is the scheduler's word. */
function podConditionClock({ type, status }: Condition, object: KubeObject): string {
  if (type === 'PodScheduled') return status === 'True' ? 'apiserver' : 'kube-scheduler';
  return nodeClock((object as Pod).spec.nodeName);
}

function nodeClock(node: string | undefined): string {
  return node === undefined ? 'node' : `node/${node}`;
}
