/**
 * The command killed with SIGKILL at a random moment of a run on a cluster behind HTTPS, and then
 * resumed: what the cluster and the history say afterwards.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../../src/api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  INSTANCES,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
  VOLUMES,
} from '../../src/api/resources.ts';
import { createRng } from '../../src/core/rng.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import { readRun } from '../../src/record/reader.ts';
import { type BenchResult, startBench } from './built-bench.ts';
import { type ServedCluster, simulatedCluster, withCluster } from './https-cluster.ts';
import { ROOT } from './sources.ts';

export interface Survival {
  /** After the run had begun, milliseconds of the wall clock. */
  readonly killedAfterMs: number;
  readonly resumed: BenchResult;
  readonly sessions: number;
  readonly operations: number;
  readonly misses: readonly string[];
  /** `Kind name`, more than once. */
  readonly createdTwice: readonly string[];
  /** Kinds of which objects are still there. */
  readonly left: readonly string[];
}

/** At such a speed the tiny scenario takes a few seconds. */
const SPEED = 20;
const KILL_WITHIN_MS = 4000;

const OWNED: readonly Resource[] = [VIRTUAL_MACHINES, DATA_VOLUMES, SNAPSHOTS];

export function killAndResume(seed: number): Promise<Survival> {
  const killedAfterMs = Math.round(createRng(`kill -9 ${seed}`).uniform(0, KILL_WITHIN_MS));
  const use = async (cluster: ServedCluster) => {
    try {
      return await survive(cluster, killedAfterMs);
    } finally {
      rmSync(cluster.folder, { recursive: true, force: true });
    }
  };
  return withCluster(simulatedCluster, use, { speed: SPEED });
}

async function survive(cluster: ServedCluster, killedAfterMs: number): Promise<Survival> {
  const { kubeconfig, folder } = cluster;
  const createdTwice = witness(cluster);
  const clock = systemClock();
  const first = startBench(
    [
      'run',
      join(ROOT, 'test/support/tiny.yaml'),
      '--run-id',
      'k9',
      '--kubeconfig',
      kubeconfig,
      '--no-report',
    ],
    folder,
  );
  await first.told('run k9:');
  await clock.sleep(killedAfterMs * 1000);
  first.process.kill('SIGKILL');
  const killed = await first.done;
  const resumed = await startBench(['resume', 'k9', '--no-report'], folder).done;
  // It may have been killed while it cleaned up.
  const rest = ['cleanup', 'k9', '--kubeconfig', kubeconfig, '--yes'];
  if (resumed.code === 64) await startBench(rest, folder).done;
  const run = readRun(join(folder, 'results/tiny/k9/history.ndjson'));
  return {
    killedAfterMs,
    resumed: resumed.code === 64 && killed.err.includes('results:') ? killed : resumed,
    sessions: run.anchors.length,
    operations: run.operations.length,
    misses: run.operations.flatMap(({ name, miss }) => (miss ? [`${name}: ${miss.reason}`] : [])),
    createdTwice: createdTwice(),
    left: [...OWNED, INSTANCES, CLAIMS, VOLUMES].flatMap((resource) =>
      listed(cluster, resource).length > 0 ? [resource.kind] : [],
    ),
  };
}

function witness({ server }: ServedCluster): () => readonly string[] {
  const created = new Map<string, number>();
  server.onCommit(({ event: { type, object } }) => {
    const key = `${object.kind} ${object.metadata.name}`;
    if (type === 'ADDED') created.set(key, (created.get(key) ?? 0) + 1);
  });
  const kinds = OWNED.map(({ kind }) => kind);
  return () =>
    [...created].flatMap(([key, n]) =>
      n > 1 && kinds.includes(key.split(' ')[0] ?? '') ? [key] : [],
    );
}

function listed({ server }: ServedCluster, resource: Resource): readonly KubeObject[] {
  const answer = server.handle({ method: 'GET', path: collectionPath(resource) });
  return (answer as { body: { items: readonly KubeObject[] } }).body.items;
}
