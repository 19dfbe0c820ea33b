/** Ages as kubectl shows them (apimachinery util/duration HumanDuration). */

import { parseRfc3339 } from '../../../core/time-text.ts';

/** `5s`, `2m30s`, `47h`, `3d4h`, `2y11d` of microseconds. */
export function humanDuration(durationUs: number): string {
  const seconds = Math.trunc(durationUs / 1e6);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 24 * 8) return pair(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  if (days < 365 * 8) return pair(Math.floor(days / 365), 'y', days % 365, 'd');
  return `${Math.floor(days / 365)}y`;
}

/** The age of an RFC 3339 time; `<unknown>` where there is none. */
export function formatAge(time: unknown, nowUnixUs: number): string {
  const unixUs = typeof time === 'string' ? parseRfc3339(time) : undefined;
  return unixUs === undefined ? '<unknown>' : humanDuration(nowUnixUs - unixUs);
}

function pair(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`;
}
