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
} as const satisfies Readonly<Record<string, Mechanism>>;

/** Whether a mechanism works in a cluster of that release. */
export function has(
  { release }: { readonly release: Release },
  mechanism: keyof typeof MECHANISMS,
): boolean {
  const { releases }: Mechanism = MECHANISMS[mechanism];
  return releases.includes(release);
}
