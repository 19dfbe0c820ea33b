/**
 * Numbers as people read them: seconds with three or four significant digits, intervals in short.
 * What a reader would get wrong: `>= 41.2` is a percentile that so few values cannot bound from
 * above, `> 600` one that lies among values still running when we stopped looking.
 */

import type { Estimate, PointEstimate } from '../analyse/statistics/estimate.ts';

/** `0.134`, `3.21`, `32.1`, `350.1`, `7200`. */
export function secondsText(seconds: number): string {
  const size = Math.abs(seconds);
  if (size >= 10_000) return seconds.toFixed(0);
  if (size >= 10) return seconds.toFixed(1);
  return size >= 1 ? seconds.toFixed(2) : seconds.toFixed(3);
}

/** `32.1`, `> 600.0`, `never`, or `-` where there is none. */
export function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '-';
  if ('over' in estimate) return `> ${secondsText(estimate.over)}`;
  return 'never' in estimate ? 'never' : secondsText(estimate.value);
}

/** `30.9-33.4`, in three digits; empty where the data carry no interval. */
export function intervalText(estimate: Estimate | undefined): string {
  if (estimate === undefined || !('value' in estimate)) return '';
  const { lo, hi } = estimate;
  if (lo === undefined || hi === undefined) return '';
  return `${digits(lo)}-${digits(hi)}`;
}

/** `10.1x (9.2-11.3)`. */
export function ratioText({ value, lo, hi }: PointEstimate): string {
  const interval = lo === undefined || hi === undefined ? '' : ` (${digits(lo)}-${digits(hi)})`;
  return `${digits(value)}x${interval}`;
}

/** `12,345`. */
export function countText(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Three significant digits, and no more than three after the point. */
function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 1 ? value.toPrecision(3) : value.toFixed(3);
}
