/** How long the waves of a measured run took, as a plan takes them. */

import type { Summary } from '../analyse/summary.ts';
import type { WaveRow } from '../analyse/wave-rows.ts';
import type { MeasuredStep } from '../plan/duration.ts';

/** Waves that opened their gate; one that never did has no length. */
export function measuredSteps({ steps, waves }: Summary): readonly MeasuredStep[] {
  return steps.map(({ stepIndex, name, kind, asked }) => {
    const own = byWave(waves.filter((row) => row.stepIndex === stepIndex));
    const next = waves.find((row) => row.stepIndex > stepIndex);
    const ends = own.map(({ end }) => end);
    const lastEnd = Math.max(...ends);
    // What a step cleans up it cleans up before the next begins.
    const idle = next === undefined || own.length === 0 ? 0 : next.release - lastEnd;
    const cleanupSeconds = asked > 0 ? Math.max(0, idle) / asked : undefined;
    const measured = own.map(({ operations, release, end }) => ({
      operations,
      seconds: end - release,
    }));
    return { name, kind, waves: measured, cleanupSeconds };
  });
}

/** Rows of one wave are its variants. */
function byWave(rows: readonly WaveRow[]) {
  const waves = new Map<number, { operations: number; release: number; end: number }>();
  for (const { wave, n, release, end } of rows) {
    if (end === undefined) continue;
    const known = waves.get(wave);
    if (known !== undefined) known.operations += n;
    else waves.set(wave, { operations: n, release, end });
  }
  return [...waves.values()];
}
