/**
 * The command killed with SIGKILL at a random moment of a run on a cluster behind HTTPS, and then
 * resumed: what the cluster and the history say afterwards. With a kubeconfig the cluster is a real
 * API server that has the kinds, where `bench cluster --controllers-only` plays the rest.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '../../src/api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  VMIS,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
  VOLUMES,
} from '../../src/api/resources.ts';
import { createRng } from '../../src/core/rng.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createClient } from '../../src/kube/client.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { startListWatch } from '../../src/kube/list-watch.ts';
import { readRun } from '../../src/record/reader.ts';
import { type BenchResult, startBench } from './built-bench.ts';
import { simulatedCluster, withCluster } from './https-cluster.ts';
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

const clock = systemClock();

/** On the server of `realKubeconfig`, or on a simulated cluster of its own. */
export async function killAndResume(seed: number, realKubeconfig?: string): Promise<Survival> {
  const killedAfterMs = Math.round(createRng(`kill -9 ${seed}`).uniform(0, KILL_WITHIN_MS));
  if (realKubeconfig !== undefined) return survivePlayed(realKubeconfig, killedAfterMs);
  return withCluster(simulatedCluster, (cluster) => surviveIn(cluster, killedAfterMs), {
    speed: SPEED,
  });
}

interface Site {
  readonly kubeconfig: string;
  readonly folder: string;
  /** Further arguments of the run. */
  readonly more?: readonly string[];
}

/** A bare server has no start subresource. */
const BY_PATCH = ['--set', 'steps.2.boot.via=patch'];

async function survivePlayed(kubeconfig: string, killedAfterMs: number): Promise<Survival> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const played = ['--set', 'simulation.nodes.count=6', '--speed', String(SPEED)];
  const controllers = startBench(
    ['cluster', '--controllers-only', '--kubeconfig', kubeconfig, ...played],
    folder,
  );
  try {
    await controllers.told('playing KubeVirt');
    return await surviveIn({ kubeconfig, folder, more: BY_PATCH }, killedAfterMs);
  } finally {
    controllers.process.kill('SIGINT');
    await controllers.done;
  }
}

async function surviveIn(site: Site, killedAfterMs: number): Promise<Survival> {
  try {
    return await survive(site, killedAfterMs);
  } finally {
    rmSync(site.folder, { recursive: true, force: true });
  }
}

async function survive({ kubeconfig, folder, more = [] }: Site, killedAfterMs: number) {
  const runId = `k${clock.wallUs().toString(36)}`;
  const witness = await callWitness(kubeconfig, runId);
  const first = startBench(
    [
      'run',
      join(ROOT, 'test/support/tiny.yaml'),
      '--run-id',
      runId,
      '--kubeconfig',
      kubeconfig,
      '--no-report',
      ...more,
    ],
    folder,
  );
  await first.told(`run ${runId}:`);
  await clock.sleep(killedAfterMs * 1000);
  first.process.kill('SIGKILL');
  const killed = await first.done;
  const resumed = await startBench(['resume', runId, '--no-report'], folder).done;
  // It may have been killed while it cleaned up.
  const rest = ['cleanup', runId, '--kubeconfig', kubeconfig, '--yes'];
  if (resumed.code === 64) await startBench(rest, folder).done;
  const run = readRun(join(folder, 'results/tiny', runId, 'history.ndjson'));
  const left = await witness.left();
  return {
    killedAfterMs,
    resumed: resumed.code === 64 && killed.err.includes('results:') ? killed : resumed,
    sessions: run.anchors.length,
    operations: run.operations.length,
    misses: run.operations.flatMap(({ name, miss }) => (miss ? [`${name}: ${miss.reason}`] : [])),
    createdTwice: witness.createdTwice(),
    left,
  };
}

/** Watches from before the run begins; `left` ends that. */
async function callWitness(kubeconfig: string, runId: string) {
  const connection = await loadConnection({ kubeconfig });
  const transport = await createHttpsTransport({ connection, clock, userAgent: 'witness' });
  const client = createClient(transport);
  const uids = new Map<string, Set<string>>();
  const note = ({ metadata: { name, uid = '' } }: KubeObject, kind: string) => {
    const key = `${kind} ${name}`;
    uids.set(key, (uids.get(key) ?? new Set()).add(uid));
  };
  const labelSelector = `bench.kubevirt.io/run=${runId}`;
  const watches = OWNED.map((resource) =>
    startListWatch({
      client,
      clock,
      rng: createRng(runId).fork(resource.kind),
      resource,
      labelSelector,
      onItem: (item) => {
        if (item.kind === 'listed' || item.kind === 'changed') note(item.object, resource.kind);
      },
    }),
  );
  await Promise.all(watches.map(({ synced }) => synced));
  return {
    createdTwice: () => [...uids].flatMap(([key, { size }]) => (size > 1 ? [key] : [])),
    async left(): Promise<readonly string[]> {
      const left: string[] = [];
      for (const resource of [...OWNED, VMIS, CLAIMS, VOLUMES]) {
        const { items } = await client.list(resource);
        if (items.some((each) => makeNamespaceName(each) === `bench-${runId}`))
          left.push(resource.kind);
      }
      for (const watch of watches) watch.stop();
      transport.close();
      return left;
    },
  };
}

/** Of a volume: that of the claim it is for. */
function makeNamespaceName(object: KubeObject): string | undefined {
  const { spec } = object as { readonly spec?: { readonly claimRef?: KubeObject['metadata'] } };
  return object.metadata.namespace ?? spec?.claimRef?.namespace;
}
