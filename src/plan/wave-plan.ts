/**
 * Operations put into waves: which share a wave, in what order, and when within the wave each is
 * meant to start. Ids are given out here, so that they count up in order of intended start.
 */

import type { WaveSettings } from '../scenario/scenario.ts';
import type { PlannedOperation, PlannedWave } from './plan.ts';

/** An operation without its place in a wave. */
export type Draft = Omit<PlannedOperation, 'id' | 'offsetUs'>;

/** Hands out ids: 0, 1, 2, ... over the whole plan. */
export type NextId = () => number;

export type Order =
  /** Each lane's waves follow the waves of the lane before. */
  | 'sequential'
  /** Lanes alternate by waves, every second round backwards: A B B A A B B A. */
  | 'interleaved'
  /** All lanes share each wave, in proportion to their lengths. */
  | 'mixed';

/** Waves over `lanes` (arms of a clone step, templates of a deploy step). */
export function planWaves(
  lanes: readonly (readonly Draft[])[],
  order: Order,
  settings: WaveSettings,
  nextId: NextId,
): readonly PlannedWave[] {
  const slices = arrange(lanes, order, settings);
  return slices.map(({ drafts, warmup }, index) => ({
    index,
    warmup,
    operations: drafts.map((draft, i) => ({
      id: nextId(),
      ...draft,
      offsetUs: Math.round((i * settings.rampUs) / drafts.length),
    })),
  }));
}

interface Slice {
  readonly drafts: readonly Draft[];
  readonly warmup: boolean;
}

function arrange(
  lanes: readonly (readonly Draft[])[],
  order: Order,
  { size, warmupWaves }: WaveSettings,
): readonly Slice[] {
  if (order === 'mixed') return cut(mix(lanes), size, warmupWaves);
  const perLane = lanes.map((lane) => cut(lane, size, warmupWaves));
  if (order === 'sequential') return perLane.flat();
  const rounds = Math.max(0, ...perLane.map((waves) => waves.length));
  return Array.from({ length: rounds }, (_, round) => {
    const there = perLane.flatMap((waves) => waves[round] ?? []);
    return round % 2 === 0 ? there : there.reverse();
  }).flat();
}

function cut(drafts: readonly Draft[], size: number, warmupWaves: number): readonly Slice[] {
  return Array.from({ length: Math.ceil(drafts.length / size) }, (_, i) => ({
    drafts: drafts.slice(i * size, (i + 1) * size),
    warmup: i < warmupWaves,
  }));
}

/** One list in which every stretch holds the lanes in proportion to their lengths. */
function mix(lanes: readonly (readonly Draft[])[]): readonly Draft[] {
  return lanes
    .flatMap((lane, rank) =>
      lane.map((draft, i) => ({ draft, rank, place: (i + 0.5) / lane.length })),
    )
    .sort((a, b) => a.place - b.place || a.rank - b.rank)
    .map(({ draft }) => draft);
}
