/** What a wave of a kind typically took: the numbers that people quote of boots. */

import type { MetricRecord } from '../../analyse/metric-record.ts';
import type { Dimensions } from '../../analyse/span.ts';
import { dimensionKey } from '../../analyse/spans.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Metric } from '../../catalogue/metrics.ts';

/** How far boots were followed: as people say it, with what is measured of each wave. */
export const BOOT_GOALS = {
  reachable: { goal: 'guest reachable', metric: 'reachable', longest: 'waveReachable' },
  guestReady: { goal: 'guest ready', metric: 'guestReady', longest: 'waveGuestReady' },
  running: { goal: 'Running', metric: 'vmiRunning', longest: 'waveRunning' },
} as const satisfies Readonly<Record<string, { goal: string; metric: Metric; longest: Metric }>>;

export type BootGoal = keyof typeof BOOT_GOALS;

/** The farthest first. */
const GOALS = Object.keys(BOOT_GOALS) as readonly BootGoal[];

/** Waves of boots of one image. */
export interface BootFact {
  readonly dimensions: Dimensions;
  /** VMs of the image in a wave; undefined where no wave that counts is known. */
  readonly size: { readonly least: number; readonly most: number } | undefined;
  readonly until: BootGoal;
  readonly waves: number;
  /** Waves with a VM that did not get there. */
  readonly missedWaves: number;
  /** Of each wave the slowest VM's own latency, typically. */
  readonly slowest: Estimate | undefined;
  /** The same until Running, where guests were waited for. */
  readonly slowestRunning: Estimate | undefined;
  /** From a wave's release to its last VM, typically. */
  readonly wholeWave: Estimate | undefined;
  /** What typically means here. */
  readonly statistic: 'mean' | 'median';
}

export function bootFacts(summary: Summary): readonly BootFact[] {
  return summary.metrics
    .filter(({ metric }) => metric === 'waveRunning')
    .map((running): BootFact => {
      const { dimensions } = running;
      const [farthest] = GOALS.flatMap((until) => {
        const goal = recordFor(summary, BOOT_GOALS[until].longest, dimensions);
        return goal === undefined ? [] : [{ until, goal }];
      });
      const { until, goal } = farthest ?? { until: 'running', goal: running };
      return {
        dimensions,
        size: waveSize(summary, dimensions),
        until,
        waves: goal.n,
        missedWaves: goal.n - goal.reached,
        slowest: typical(goal),
        slowestRunning: until === 'running' ? undefined : typical(running),
        wholeWave: typical(recordFor(summary, 'waveMakespan', dimensions)),
        statistic: goal.reached === goal.n ? 'mean' : 'median',
      };
    });
}

/** The record of a metric under exactly these dimensions. */
export function recordFor(
  { metrics }: Summary,
  metric: Metric,
  dimensions: Dimensions,
): MetricRecord | undefined {
  const key = dimensionKey(dimensions);
  return metrics.find((one) => one.metric === metric && dimensionKey(one.dimensions) === key);
}

/** The mean; where something missed the median, which knows of it. */
function typical(record: MetricRecord | undefined): Estimate | undefined {
  return record?.reached === record?.n ? record?.mean : record?.p50;
}

/** Operations of this kind in the waves that count. */
function waveSize({ waves }: Summary, dimensions: Dimensions): BootFact['size'] {
  const same = waves.filter(
    ({ dimensions: own, warmup }) =>
      !warmup &&
      own.step === dimensions.step &&
      own.image === dimensions.image &&
      own.template === dimensions.template,
  );
  // Where others' load is observed, waves of clones of the same image are in the same step.
  const boots = same.filter(({ dimensions: own }) => own.source === undefined);
  const sizes = (boots.length > 0 ? boots : same).map(({ n }) => n);
  if (sizes.length === 0) return undefined;
  return { least: Math.min(...sizes), most: Math.max(...sizes) };
}
