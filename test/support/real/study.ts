/**
 * A study as an Indexed Job of the real Job controller: its manifests applied as they are printed,
 * its pods run as processes, one of them evicted. What comes out has to be what one machine makes.
 */

import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PODS, type Resource } from '../../../src/api/resources.ts';
import type { StudySummary } from '../../../src/compare/study-summary.ts';
import { MILLISECOND, SECOND } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { startInformer } from '../../../src/kube/informer.ts';
import type { Job } from '../../../src/sim/controllers/workloads/job-state.ts';
import { type BenchResult, startBench } from '../built-bench.ts';
import { type ProcessKubelet, startProcessKubelet } from '../process-kubelet.ts';
import { ROOT } from '../sources.ts';
import type { Arm } from './arm.ts';
import { namespace } from './kubevirt.ts';
import { apply, readManifests } from './manifests.ts';
import { exitFault } from './run-bench.ts';

const NAMESPACE = 'bench';
const CLUSTERS = ['a', 'b', 'c', 'd'];
const EVICTED = 'b-p1-r1';

const STUDY = `name: nightly
scenario: smoke.yaml
targets:
${CLUSTERS.map((name) => `  - { name: ${name}, embedded: true }`).join('\n')}
`;

const JOBS: Resource<Job> = {
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  kind: 'Job',
  namespaced: true,
};

export async function studyJob(arm: Arm): Promise<readonly string[]> {
  const folder = join(arm.folder, 'study');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'study.yaml'), STUDY);
  // In a pod only relative names lead somewhere.
  for (const file of ['smoke.yaml', 'templates']) {
    cpSync(join(ROOT, 'scenarios', file), join(folder, file), { recursive: true });
  }
  const bench = (...args: readonly string[]) => startBench(args, folder).done;
  const printed = await bench('study', 'manifests', 'study.yaml', '--image=x', '--parallelism=2');
  if (printed.code !== 0) return exitFault(printed);
  writeFileSync(join(folder, 'job.yaml'), printed.out);
  const kubelet = await playPods(arm, folder);
  await apply(arm.plane.client, namespace(NAMESPACE));
  for (const object of readManifests(join(folder, 'job.yaml')))
    await apply(arm.plane.client, object);
  const job = await ended(arm, kubelet);
  kubelet.stop();
  const results = join(kubelet.claim('bench-nightly'), 'results/smoke/nightly');
  const merged = await bench('study', 'merge', results, '--json', '--no-report');
  const alone = await bench('study', 'study.yaml', '--results=alone', '--json', '--no-report');
  return [...jobFaults(job, kubelet), ...differences(merged, alone)];
}

interface Played extends ProcessKubelet {
  stop(): void;
}

async function playPods({ plane: { client } }: Arm, folder: string): Promise<Played> {
  const clock = systemClock();
  const pods = startInformer({ client, clock, rng: createRng(1), resource: PODS });
  const kernel = { inject: (callback: () => void) => callback() };
  const kubelet = startProcessKubelet({ kernel, client, pods, root: join(folder, 'node') });
  await pods.synced;
  return { ...kubelet, stop: () => pods.stop() };
}

/** The Job once it is complete or failed; the pod of a run that has begun is evicted before. */
async function ended({ plane: { client } }: Arm, kubelet: Played): Promise<Job> {
  const clock = systemClock();
  const begun = join(
    kubelet.claim('bench-nightly'),
    'results/smoke/nightly',
    EVICTED,
    'history.ndjson',
  );
  let isEvicted = false;
  for (;;) {
    await clock.sleep(20 * MILLISECOND);
    if (!isEvicted && existsSync(begun)) {
      const index = String(CLUSTERS.indexOf(EVICTED.slice(0, 1)));
      const pod = kubelet.started.find(({ metadata: { annotations } }) => {
        return annotations?.['batch.kubernetes.io/job-completion-index'] === index;
      });
      isEvicted = kubelet.evict(pod?.metadata.uid ?? '', 'SIGKILL');
    }
    const job = await client.get(JOBS, { name: 'bench-nightly', namespace: NAMESPACE });
    const { conditions = [] } = job.status ?? {};
    if (conditions.some(({ type }) => type === 'Complete' || type === 'Failed')) return job;
    if (clock.nowUs() > 600 * SECOND) throw new Error('the Job has not ended after ten minutes');
  }
}

function jobFaults({ status }: Job, kubelet: Played): readonly string[] {
  const { succeeded, completedIndexes, conditions = [] } = status ?? {};
  const wanted = `0-${CLUSTERS.length - 1}`;
  const faults: string[] = [];
  if (succeeded !== CLUSTERS.length || completedIndexes !== wanted) {
    faults.push(
      `indexes ${completedIndexes} of ${wanted} are complete: ${JSON.stringify(conditions)}`,
    );
  }
  const pods = kubelet.started.length;
  if (pods !== CLUSTERS.length + 1)
    faults.push(`${pods} pods for ${CLUSTERS.length} indexes and an eviction`);
  return faults;
}

function differences(merged: BenchResult, alone: BenchResult): readonly string[] {
  const faults = [...exitFault(merged), ...exitFault(alone)];
  if (faults.length > 0) return faults;
  const [there, here] = [merged, alone].map(({ out }) => JSON.parse(out) as StudySummary);
  const isSame = isDeepStrictEqual([there?.points, there?.pooled], [here?.points, here?.pooled]);
  return isSame ? [] : ['the figures are not those of an undisturbed study'];
}
