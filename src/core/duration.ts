/**
 * Durations are integer microseconds everywhere inside bench; text such as `30s` or `1h30m`
 * exists only in scenario files and on paper.
 */

const MICROSECOND = 1;
export const MILLISECOND = 1_000;
export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

const UNIT_US: Readonly<Record<string, number>> = {
  us: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: 24 * HOUR,
};

/** Whole microseconds of a number of seconds. @internal */
export function seconds(value: number): number {
  return Math.round(value * SECOND);
}

/** Seconds (a fraction) of a number of microseconds. */
export function toSeconds(valueUs: number): number {
  return valueUs / SECOND;
}

/** Microseconds are exact for 285 years in all, of which one duration is a part. */
const LONGEST_US = 10 * 365 * 24 * HOUR;

/**
 * Microseconds of a text such as `30s`, `1h30m`, `250ms`; undefined where the text is none, or
 * where it is longer than ten years.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(\d+(\.\d+)?(us|ms|s|m|h|d))+$/.test(trimmed)) return undefined;
  let totalUs = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g)) {
    totalUs += Number(amount) * (UNIT_US[unit ?? ''] ?? 0);
  }
  return totalUs > LONGEST_US ? undefined : Math.round(totalUs);
}

/** A short text for people: `32.1s`, `1m05s`, `2h03m`, `250ms`, `0s`. */
export function formatDuration(valueUs: number): string {
  if (valueUs < 0) return `-${formatDuration(-valueUs)}`;
  if (valueUs === 0) return '0s';
  if (valueUs < MILLISECOND) return `${valueUs}us`;
  if (valueUs < SECOND) return `${trimZero((valueUs / MILLISECOND).toFixed(1))}ms`;
  if (valueUs < MINUTE) return `${trimZero((valueUs / SECOND).toFixed(1))}s`;
  const total = Math.round(valueUs / SECOND);
  const parts = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  const [h = 0, m = 0, s = 0] = parts;
  if (h > 0) return `${h}h${String(m).padStart(2, '0')}m`;
  return s === 0 ? `${m}m` : `${m}m${String(s).padStart(2, '0')}s`;
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
