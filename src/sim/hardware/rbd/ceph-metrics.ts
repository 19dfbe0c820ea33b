/**
 * What Ceph's manager exports of its pools (ceph src/pybind/mgr/prometheus/module.py), and what it
 * does not: the queue of its tasks, under names that say whose they are.
 */

import type { MetricFamily, MetricSample } from '../../monitoring/family.ts';
import type { CommandThread, TaskThread } from './manager.ts';
import { cephCapacity, type Pool } from './pool.ts';
import type { Counters } from './counters.ts';

export interface CephState {
  readonly pool: Pool;
  readonly size: { readonly rawCapacityBytes: number; readonly replicas: number };
  readonly tasks: TaskThread;
  readonly commands: CommandThread;
  readonly counters: Counters;
}

export function cephFamilies(state: CephState): readonly MetricFamily[] {
  const { pool, size, tasks, commands, counters } = state;
  const { bytesTotal = 0, bytesUsed = 0 } = cephCapacity(pool, size);
  const pending = tasks.pending();
  const waiting = (['flatten', 'trashRemove'] as const).map((kind) => ({
    labels: { kind },
    value: pending.filter((task) => task.kind === kind).length,
  }));
  return [
    gauge('ceph_cluster_total_bytes', 'Raw capacity.', one(bytesTotal)),
    gauge('ceph_cluster_total_used_bytes', 'Raw bytes used.', one(bytesUsed)),
    gauge('ceph_cluster_total_used_raw_bytes', 'Raw bytes used.', one(bytesUsed)),
    gauge('ceph_pool_stored', 'Bytes before replication.', inPool(pool.storedBytes)),
    gauge('ceph_pool_stored_raw', 'Bytes with their replicas.', inPool(bytesUsed)),
    gauge('ceph_pool_objects', 'RADOS objects.', inPool(pool.objects)),
    gauge('bench_simulated_rbd_tasks', 'Tasks of the manager, waiting or running.', waiting),
    counter('bench_simulated_rbd_flattens_total', 'Clones flattened.', one(counters.flattens)),
    counter('bench_simulated_rbd_commands_total', 'Commands answered.', one(commands.answered)),
  ];
}

function one(value: number): readonly MetricSample[] {
  return [{ labels: {}, value }];
}

function inPool(value: number): readonly MetricSample[] {
  return [{ labels: { pool_id: '1' }, value }];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}
