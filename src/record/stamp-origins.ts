/**
 * Whose a stamp on an object is, as data: set by whoever writes the change, at the time of writing,
 * or copied from elsewhere. A copied stamp can be seconds older than the write that brings it
 * (virt-controller puts the time of the pod's Ready into the VMI and the VM), and so it proves
 * nothing about that write. Nor does a stamp that is not in the table.
 */

export type StampOrigin = 'own' | 'copied' | 'unknown';

interface StampRule {
  readonly kind: string;
  /** A condition's type, or `phase` where the object lists its phases with their times. */
  readonly name: string;
  /** Of these values only; of all where undefined. */
  readonly value?: string;
  readonly origin: StampOrigin;
  /** Releases whose sources say so. */
  readonly releases: string;
  /** File and function, from the project's root. */
  readonly source: string;
}

const KUBEVIRT = 'kubevirt v1.1.1, v1.4.1, v1.6.6, main 2026-08';
const CDI = 'cdi v1.58.4 to v1.66.0';
const KUBERNETES = 'kubernetes v1.28 to v1.34';
const FROM_VMI = 'virt-controller/watch vm.go syncReadyConditionFromVMI';
const FROM_POD = 'virt-controller/watch vmi.go syncReadyConditionFromPod';
const KUBELET = 'pkg/kubelet/status/status_manager.go updateLastTransitionTime';
const UPDATE_CONDITION = 'pkg/controller/datavolume/conditions.go updateCondition';

const STAMP_RULES: readonly StampRule[] = [
  rule(KUBEVIRT, FROM_VMI, 'VirtualMachine', 'Ready', 'copied'),
  rule(
    KUBEVIRT,
    'virt-controller/watch vm.go processFailureCondition',
    'VirtualMachine',
    'Failure',
    'own',
  ),
  rule(
    KUBEVIRT,
    'pkg/controller SetVMIPhaseTransitionTimestamp',
    'VirtualMachineInstance',
    'phase',
    'own',
  ),
  // False is virt-controller's own word where the pod is missing, ends or has no guest yet, and the
  // pod's where it says itself that it is not ready: not to be told apart in a history.
  rule(KUBEVIRT, FROM_POD, 'VirtualMachineInstance', 'Ready', 'copied'),
  rule(
    KUBEVIRT,
    'pkg/controller/conditions.go AddPodCondition',
    'VirtualMachineInstance',
    'PodScheduled',
    'copied',
  ),
  rule(
    KUBEVIRT,
    'virt-handler/vm.go updateGuestAgentConditions',
    'VirtualMachineInstance',
    'AgentConnected',
    'own',
  ),
  rule(
    KUBEVIRT,
    'virt-handler/vm.go updatePausedConditions',
    'VirtualMachineInstance',
    'Paused',
    'own',
  ),
  // virt-controller and virt-handler both write it: whose clock it is cannot be seen.
  rule(
    KUBEVIRT,
    'pkg/controller/conditions.go CheckFailure',
    'VirtualMachineInstance',
    'Synchronized',
    'unknown',
  ),
  rule(
    KUBERNETES,
    'pkg/registry/core/pod/storage assignPod (the binding)',
    'Pod',
    'PodScheduled',
    'own',
  ),
  rule(KUBERNETES, KUBELET, 'Pod', 'Initialized', 'own'),
  rule(KUBERNETES, KUBELET, 'Pod', 'ContainersReady', 'own'),
  rule(KUBERNETES, KUBELET, 'Pod', 'Ready', 'own', 'True'),
  // The node lifecycle controller says it too, for nodes that are silent.
  rule(KUBERNETES, 'pkg/controller/nodelifecycle MarkPodsNotReady', 'Pod', 'Ready', 'unknown'),
  rule(CDI, UPDATE_CONDITION, 'DataVolume', 'Ready', 'own'),
  rule(CDI, UPDATE_CONDITION, 'DataVolume', 'Bound', 'own'),
  rule(CDI, UPDATE_CONDITION, 'DataVolume', 'Running', 'own'),
];

function rule(
  releases: string,
  source: string,
  kind: string,
  name: string,
  origin: StampOrigin,
  value?: string,
): StampRule {
  return { kind, name, origin, releases, source, ...(value === undefined ? {} : { value }) };
}

/** Rules by kind and name, those for one value first. */
const BY_KIND = new Map<string, Map<string, readonly StampRule[]>>();
for (const each of STAMP_RULES) {
  const ofKind = BY_KIND.get(each.kind) ?? new Map<string, readonly StampRule[]>();
  ofKind.set(each.name, [...(ofKind.get(each.name) ?? []), each]);
  BY_KIND.set(each.kind, ofKind);
}

/** Whose stamp a change of `name` to `value` on an object of the kind carries. */
export function stampOrigin(kind: string, name: string, value: string): StampOrigin {
  const rules = BY_KIND.get(kind)?.get(name) ?? [];
  return (
    rules.find((each) => each.value === undefined || each.value === value)?.origin ?? 'unknown'
  );
}
