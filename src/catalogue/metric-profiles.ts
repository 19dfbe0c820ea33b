/** Questions to a Prometheus about what a cluster felt, by profile: data alone, in PromQL. */

export const METRIC_UNITS = ['seconds', 'bytes', 'cores', 'ratio', 'perSecond', 'count'] as const;
export type MetricUnit = (typeof METRIC_UNITS)[number];

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
    name: 'API server requests',
    unit: 'perSecond',
    query: 'sum by (verb) (rate(apiserver_request_total[2m]))',
  },
  {
    name: 'API server refusals',
    unit: 'perSecond',
    query: 'sum by (code) (rate(apiserver_request_total{code=~"429|5.."}[2m]))',
  },
  {
    name: 'API server in flight',
    unit: 'count',
    query: 'sum by (request_kind) (apiserver_current_inflight_requests)',
  },
  {
    name: 'watch events',
    unit: 'perSecond',
    query: 'sum(rate(apiserver_watch_events_total[2m]))',
  },
  {
    name: 'objects stored',
    unit: 'count',
    query: 'sum(max by (resource) (apiserver_storage_objects))',
  },
  {
    name: 'work queue',
    unit: 'count',
    query: 'max by (name) (workqueue_depth) > 0',
  },
  {
    name: 'KubeVirt work queue',
    unit: 'count',
    query: 'max by (name) (kubevirt_workqueue_depth) > 0',
  },
  { name: 'VMs', unit: 'count', query: 'sum by (phase) (kubevirt_vmi_phase_count)' },
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
  { name: 'Ceph used', unit: 'bytes', query: 'ceph_cluster_total_used_raw_bytes' },
  { name: 'Ceph stored', unit: 'bytes', query: 'sum(ceph_pool_stored)' },
];

/** What only the simulated cluster can tell. */
const SIMULATED: readonly MetricQuery[] = [
  { name: 'Ceph tasks', unit: 'count', query: 'bench_simulated_rbd_tasks' },
  {
    name: 'Ceph flattens',
    unit: 'perSecond',
    query: 'rate(bench_simulated_rbd_flattens_total[2m])',
  },
];

export const METRIC_PROFILES = {
  kubernetes: KUBERNETES,
  openshift: [...KUBERNETES, ...CEPH],
  simulated: [...KUBERNETES, ...CEPH, ...SIMULATED],
} as const satisfies Readonly<Record<string, readonly MetricQuery[]>>;

export type MetricProfile = keyof typeof METRIC_PROFILES;
