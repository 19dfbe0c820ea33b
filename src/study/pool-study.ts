/**
 * The fleet rows of a study, from the histories of its runs, one point after the other: what is
 * held at a time is the samples of one point, however many points there are.
 */

import { openRun } from '../analyse/open-run.ts';
import { type PooledPoint, poolPoint, runSamples } from '../compare/study-pool.ts';
import { groupBy, setKey, type StudyRun } from '../compare/study-point.ts';
import type { StudySummary } from '../compare/study-summary.ts';
import { UsageError } from '../core/usage-error.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';

export interface FoundRun {
  readonly read: StudyRun;
  readonly folder: RunFolder;
}

/** The summary with a row for each point over its clusters, where there are several. */
export function withFleet(summary: StudySummary, found: readonly FoundRun[]): StudySummary {
  refuseCopies(found);
  const pooled = poolStudy(found);
  return pooled.length === 0 ? summary : { ...summary, pooled };
}

function poolStudy(found: readonly FoundRun[]): readonly PooledPoint[] {
  const there = found.filter(({ read }) => read.figures !== undefined);
  const points = groupBy(there, ({ read }) => JSON.stringify([read.set, read.figures?.target]));
  return [...points.values()].flatMap((own) => {
    const target = own[0]?.read.figures?.target;
    const clusters = new Set(own.map(({ read }) => read.cluster));
    if (target === undefined || clusters.size < 2) return [];
    const runs = own.map(({ read, folder }) => ({
      cluster: read.cluster ?? '',
      samples: runSamples(openRun(getFilePath(folder, 'history'))),
    }));
    return [poolPoint({ set: own[0]?.read.set ?? {}, target }, runs)];
  });
}

/** Throws UsageError where two simulated runs of a point are one run twice. */
function refuseCopies(found: readonly FoundRun[]): void {
  const names = new Map<string, string>();
  for (const { read, folder } of found) {
    if (read.figures?.target !== 'simulated') continue;
    const key = `${setKey(read.set)} ${read.figures.seed}`;
    const other = names.get(key);
    if (other !== undefined) {
      throw new UsageError(
        `${other} and ${folder.runId} have the same seed ${read.figures.seed}: ` +
          'the same simulated cluster would be counted twice; give each a seed of its own',
      );
    }
    names.set(key, folder.runId);
  }
}
