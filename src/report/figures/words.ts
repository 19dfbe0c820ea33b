/** Numbers in sentences and tables: rounded to three figures, with unit and interval. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { formatValue, plainNumber } from '../chart/format.ts';

/** `32.1 s`, `1,204 s`. */
export function secondsText(seconds: number): string {
  return formatValue('seconds', seconds);
}

export function countText(count: number): string {
  return plainNumber(count, 12);
}

/** `34.2 s`, `> 600 s`, `never`; `-` where there is none. */
export function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '-';
  if ('never' in estimate) return 'never';
  if ('over' in estimate) return `> ${secondsText(estimate.over)}`;
  return secondsText(estimate.value);
}

/** ` (30.1 to 39 s)`, with what of it the data can carry; empty where that is nothing. */
export function intervalText(estimate: Estimate | undefined): string {
  if (estimate === undefined || !('value' in estimate)) return '';
  const { lo, hi } = estimate;
  if (lo !== undefined && hi !== undefined) return ` (${plainNumber(lo, 3)} to ${secondsText(hi)})`;
  if (lo !== undefined) return ` (at least ${secondsText(lo)})`;
  return hi === undefined ? '' : ` (at most ${secondsText(hi)})`;
}

/** The estimate and its interval; `≥ 41.2 s` where so few values cannot bound it from above. */
export function withIntervalText(estimate: Estimate | undefined): string {
  const isOpen = estimate !== undefined && 'value' in estimate && estimate.hi === undefined;
  if (isOpen && estimate.lo !== undefined) return `≥ ${estimateText(estimate)}`;
  return estimateText(estimate) + intervalText(estimate);
}

/** `10.1x (9.2 to 11.3)`. */
export function ratioText(ratio: Estimate | undefined): string {
  if (ratio === undefined || !('value' in ratio)) return '-';
  const { value, lo, hi } = ratio;
  const doubt =
    lo === undefined || hi === undefined ? '' : ` (${plainNumber(lo, 3)} to ${plainNumber(hi, 3)})`;
  return `${plainNumber(value, 3)}×${doubt}`;
}

/** Error bar ends of an estimate; undefined where the data carry none. */
export function getWhisker(estimate: Estimate | undefined): readonly [number, number] | null {
  if (estimate === undefined || !('value' in estimate)) return null;
  const { lo, hi } = estimate;
  return lo === undefined || hi === undefined ? null : [lo, hi];
}

/** The height of a bar for an estimate: zero where there is nothing finite to show. */
export function getBarLength(estimate: Estimate | undefined): number {
  return estimate !== undefined && 'value' in estimate ? estimate.value : 0;
}

/** The largest of any number of values; zero of none. (A spread of 100,000 breaks the stack.) */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** A length of time for people: `48 s`, `12.5 min`, `3 h 05 min`. */
export function longTimeText(seconds: number): string {
  if (seconds < 120) return secondsText(seconds);
  const minutes = seconds / 60;
  if (minutes < 100) return formatValue('minutes', minutes);
  const whole = Math.round(minutes);
  return `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, '0')} min`;
}
