/**
 * Which releases the simulated cluster behaves like. A mechanism that is not the same in all of
 * them is named here with the releases it holds for, so that nobody has to search for `if`s; a
 * constant that differs says so where it is defined.
 */

export const RELEASES = ['ocp-4.15', 'upstream-2026-08'] as const;

export type Release = (typeof RELEASES)[number];

export const DEFAULT_RELEASE: Release = 'ocp-4.15';

/** What runs in a cluster of each release. */
export const RELEASE_CONTENTS: Readonly<Record<Release, string>> = {
  'ocp-4.15':
    'KubeVirt 1.1.1, CDI 1.58.4, external-provisioner 4.0, external-snapshotter 6.3, ' +
    'external-attacher 4.5, ceph-csi 3.10.2',
  'upstream-2026-08': 'the heads of KubeVirt and CDI in August 2026, sidecars as in ocp-4.15',
};

interface Mechanism {
  readonly releases: readonly Release[];
  /** Where it can be read. */
  readonly source: string;
}

/** What one release does and another does not. */
const MECHANISMS = {
  /** Without a claim the condition Bound is Unknown; it is False in later releases. */
  boundUnknownWithoutClaim: {
    releases: ['ocp-4.15'],
    source: 'CDI v1.58.4 datavolume/conditions.go updateBoundCondition; False at the head',
  },
  /** A clone of a snapshot that is missing gets no claim; before, its populator waits for it. */
  snapshotIsLookedForFirst: {
    releases: ['upstream-2026-08'],
    source: 'CDI head datavolume/snapshot-clone-controller.go validateCloneAndSourceSnapshot',
  },
  /** A snapshot keeps the mode of its volume, and one of another mode is copied, not restored. */
  snapshotModeKept: {
    releases: ['upstream-2026-08'],
    source:
      'external-snapshotter v7.0 --prevent-volume-mode-conversion, on from there; CDI v1.62 ' +
      'clone/planner.go computeStrategyForSourceSnapshot',
  },
  /** The webhooks of DataVolumes read CDI's settings, and look at the source of a clone. */
  sourceReadAtAdmission: {
    releases: ['ocp-4.15'],
    source: 'CDI v1.58.4 webhooks/datavolume-{mutate,validate}.go; gone at v1.66.0',
  },
  /** virt-api asks for the right to clone at each write of a VM; later virt-controller does. */
  clonesAuthorizedAtAdmission: {
    releases: ['ocp-4.15'],
    source: 'kubevirt v1.1.1 vms-admitter.go authorizeVirtualMachineSpec; gone since v1.5',
  },
  /** A VM stays locked until its snapshot is ready to use; later, until it is taken. */
  vmSnapshotHeldUntilReady: {
    releases: ['ocp-4.15'],
    source: 'kubevirt v1.1.1 storage/snapshot/snapshot.go vmSnapshotProgressing; d923fdb8',
  },
  /** An instance tells whether the DataVolumes behind its volumes are ready. */
  dataVolumesReady: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt head watch/vmi/datavolumes.go aggregateDataVolumesConditions',
  },
  /** The status after making a launcher pod knows of it; before, it says PodNotExists first. */
  podKnownAtOnce: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt head watch/vmi/vmi.go execute: sync returns the pod',
  },
  /** The finalizer of instances names KubeVirt. */
  qualifiedFinalizer: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 api/core/v1/types.go VirtualMachineInstanceFinalizer',
  },
  /** CPUs and memory may be plugged into a guest: instances say how much of them. */
  liveUpdates: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 pkg/defaults/defaults.go setupHotplug',
  },
  /** The webhook asks for the guest's memory as a request; later only the launcher pod does. */
  memoryRequested: {
    releases: ['ocp-4.15'],
    source: 'kubevirt v1.1.1 webhooks/defaults.go setDefaultResourceRequests; gone at d923fdb8',
  },
  /** `spec.running` is on its way out, and refusals say so. */
  runningDeprecated: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 vms-admitter.go',
  },
  /** A VM that was started once says by what strategy it runs. */
  strategyTold: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 watch/vm/vm.go updateStatus',
  },
  /** A new VM is given the UUID and the serial number of its firmware, and its PCI topology. */
  firmwareKept: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 mutators/vm-mutator.go setFirmwareDefaultsIfEmpty',
  },
  /** The architecture is filled in where the KubeVirt object says none. */
  architectureFilled: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 virt-config/configuration.go: that of virt-api itself',
  },
  /** A claim's change wakes the pods that use it, and no others that the scheduler has refused. */
  schedulerHints: {
    releases: ['upstream-2026-08'],
    source: 'kubernetes SchedulerQueueingHints, on since v1.32, off in v1.28.6 and later 1.28',
  },
  /** A scheduler that has nothing else to do waits for no pod's back-off. */
  backoffCutShort: {
    releases: ['upstream-2026-08'],
    source: 'kubernetes SchedulerPopFromBackoffQ, on since v1.33',
  },
  /** What a guest's memory costs beside it is told by its pod and its instance. */
  overheadTold: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 VmiMemoryOverheadReport, on for good since v1.10',
  },
  /** Which interface of the pod a guest's is behind is told of the instance. */
  podInterfaceTold: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 pkg/network/controllers/vmi.go',
  },
  /** Arguments apart from the command, the console's log beside the guest, images as volumes. */
  launcherInParts: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 services/template.go renderLaunchManifest',
  },
  /** What an instance says of a volume names its claim. */
  claimNamed: {
    releases: ['upstream-2026-08'],
    source: 'kubevirt d923fdb8 watch/vmi/storage.go processPVCInfo',
  },
} as const satisfies Readonly<Record<string, Mechanism>>;

/** Whether a mechanism works in a cluster of that release. */
export function has(
  { release }: { readonly release: Release },
  mechanism: keyof typeof MECHANISMS,
): boolean {
  const { releases }: Mechanism = MECHANISMS[mechanism];
  return releases.includes(release);
}
