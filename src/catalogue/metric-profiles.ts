/** Questions to a Prometheus about what a cluster felt, by profile: data alone, in PromQL. */

export type MetricUnit = 'seconds' | 'bytes' | 'cores' | 'ratio' | 'count';

export interface MetricQuery {
  /** Names it in results. */
  readonly name: string;
  readonly unit: MetricUnit;
  readonly query: string;
}

/** What any cluster with kube-state metrics of its control plane answers. */
const KUBERNETES: readonly MetricQuery[] = [
  {
    name: 'API server p99',
    unit: 'seconds',
    query:
      'histogram_quantile(0.99, sum by (le, verb) ' +
      '(rate(apiserver_request_duration_seconds_bucket{verb!~"WATCH|CONNECT"}[2m])))',
  },
  {
    name: 'etcd fsync p99',
    unit: 'seconds',
    query:
      'histogram_quantile(0.99, sum by (le, instance) ' +
      '(rate(etcd_disk_wal_fsync_duration_seconds_bucket[2m])))',
  },
  {
    name: 'virt and CDI CPU',
    unit: 'cores',
    query:
      'sum by (pod) (rate(container_cpu_usage_seconds_total' +
      '{pod=~"virt-(api|controller|handler)-.*|cdi-.*",container!=""}[2m]))',
  },
  {
    name: 'virt and CDI memory',
    unit: 'bytes',
    query:
      'sum by (pod) (container_memory_working_set_bytes' +
      '{pod=~"virt-(api|controller|handler)-.*|cdi-.*",container!=""})',
  },
];

/** Beside these, what Data Foundation exports. */
const CEPH: readonly MetricQuery[] = [
  {
    name: 'Ceph commit latency',
    unit: 'seconds',
    query: 'max by (ceph_daemon) (ceph_osd_commit_latency_ms) / 1000',
  },
  { name: 'Ceph used', unit: 'bytes', query: 'ceph_cluster_total_used_bytes' },
];

export const METRIC_PROFILES = {
  kubernetes: KUBERNETES,
  openshift: [...KUBERNETES, ...CEPH],
} as const satisfies Readonly<Record<string, readonly MetricQuery[]>>;

export type MetricProfile = keyof typeof METRIC_PROFILES;
