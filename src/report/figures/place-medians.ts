/** Latency by place in the wave, as a line: medians of neighbouring places. */

import { spreadOfValues } from '../../analyse/spread.ts';
import type { XY } from '../chart/parts.ts';

const MEDIANS_MOST = 50;

/** `placed`: places from 1, with seconds. Each median stands in the middle of its places. */
export function placeMedians(placed: readonly XY[]): readonly XY[] {
  const places = placed.reduce((most, [place]) => Math.max(most, place), 1);
  const width = Math.max(1, Math.ceil(places / MEDIANS_MOST));
  const bins = new Map<number, number[]>();
  for (const [place, seconds] of placed) {
    const bin = Math.floor((place - 1) / width);
    const values = bins.get(bin);
    if (values === undefined) bins.set(bin, [seconds]);
    else values.push(seconds);
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([bin, values]) => [bin * width + (width + 1) / 2, spreadOfValues(values, [0.5])[0] ?? 0]);
}
