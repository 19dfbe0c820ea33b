/**
 * Limits that no node enforces: how far vendors have tested, and what is set where nobody sets
 * anything. A tested maximum stops nothing; beyond it nobody has looked.
 */

/** hard: the cluster refuses more; tested: nobody vouches for more; default: can be set higher. */
export type LimitKind = 'hard' | 'tested' | 'default';

export interface Maximum {
  readonly value: number;
  readonly source: string;
}

const TESTED_VIRT = 'OpenShift Virtualization 4.21, supported limits';
const TESTED_CLUSTER = 'OpenShift 4.21, tested cluster maximums';

/** VMs defined in a cluster. */
export const TESTED_VMS: Maximum = { value: 10_000, source: TESTED_VIRT };

/** Hosts of a cluster; above 100 the vendor recommends several clusters. */
export const TESTED_HOSTS: Maximum = { value: 500, source: TESTED_VIRT };
export const RECOMMENDED_HOSTS: Maximum = { value: 100, source: TESTED_VIRT };

/** Pods on a node, with a host prefix of /22. */
export const TESTED_PODS_PER_NODE: Maximum = { value: 500, source: TESTED_CLUSTER };
export const TESTED_PODS_PER_NAMESPACE: Maximum = { value: 25_000, source: TESTED_CLUSTER };

/** What a kubelet allows where nobody says: OpenShift's and Kubernetes' own number. */
export const DEFAULT_PODS_PER_NODE: ReadonlySet<number> = new Set([110, 250]);

/** KubeVirt's virtualMachineInstancesPerNode. */
export const DEFAULT_DEVICES_PER_NODE = 1000;

/** HyperConverged's vmiCPUAllocationRatio. */
export const DEFAULT_CPU_RATIO = 10;

/**
 * Shares of the raw capacity at which Ceph acts as OpenShift Data Foundation sets it
 * (ocs-operator cephcluster.go): it warns, moves no more data, and takes no more writes.
 */
export const POOL_SHARES = { nearFull: 0.75, backfillFull: 0.8, full: 0.85 } as const;
