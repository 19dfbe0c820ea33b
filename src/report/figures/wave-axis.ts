/** The axis on which waves stand at how many had been asked for by their end. */

import type { AxisSpec } from '../chart/chart-spec.ts';

/** Half a wave of room on the right, so that the last bar is whole. */
export function waveAxis(cumulative: readonly number[], noun: string): AxisSpec {
  const last = cumulative.at(-1) ?? 1;
  const gap = last - (cumulative.at(-2) ?? 0);
  return {
    scale: 'linear',
    format: 'count',
    title: `${noun} asked for so far`,
    min: 0,
    max: last + gap * 0.6,
    hasGrid: false,
  };
}
