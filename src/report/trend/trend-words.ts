/** The words of a trend, for the terminal, the page and the picture. */

import type { Trend, TrendChange } from '../../compare/trend/trend.ts';
import { secondsText } from '../wording/numbers.ts';
import { differenceText } from '../nightly/verdict-text.ts';

/** What the values of a series are in; a bare series has no unit. */
export type TrendUnit = 'seconds' | 'share' | 'plain';

/** `32.1 s`, `99.5 %`, `12.3`. */
export function levelText(value: number, unit: TrendUnit): string {
  if (unit === 'share') return `${(100 * value).toFixed(1)} %`;
  return unit === 'seconds' ? secondsText(value) : String(Number(value.toPrecision(4)));
}

/** `worse by 49 %`: 35.9 s -> 54.0 s, with the level's interval. */
export function changeText({ direction, before, after }: TrendChange, unit: TrendUnit): string {
  const percent = before === 0 ? '' : ` by ${Math.abs(100 * (after / before - 1)).toFixed(1)} %`;
  return `${direction}${percent}: ${levelText(before, unit)} -> ${levelText(after, unit)}`;
}

/** `35.5 to 36.3`; empty where a single point carries no interval. */
export function rangeText({ lo, hi }: { lo?: number; hi?: number }, unit: TrendUnit): string {
  if (lo === undefined || hi === undefined) return '';
  return `${levelText(lo, unit)} to ${levelText(hi, unit)}`;
}

/** Who could be to blame; empty where nothing is known. */
export function blameText({ blame }: TrendChange): string {
  if (blame === undefined) return '';
  const { lastGood, firstBad, differences } = blame;
  const what =
    differences.length === 0 ? 'nothing that is recorded differs' : differenceText(differences);
  return `between run ${lastGood} and run ${firstBad}: ${what}`;
}

/** The whole trend in a sentence. */
export function trendSentence({ changePoints, points }: Trend, unit: TrendUnit): string {
  const known = points.filter(({ value }) => value !== null).length;
  if (known === 0) return 'No values.';
  const newest = changePoints.at(-1);
  if (newest === undefined) return `No change of level in ${known} points.`;
  const count = changePoints.length === 1 ? 'One change' : `${changePoints.length} changes`;
  const at = `point ${newest.index} (${whenText(newest.time)})`;
  return `${count} of level in ${known} points; the newest at ${at}, ${changeText(newest, unit)}.`;
}

/** The day of a time of night; any other name of a point as it is. */
export function whenText(time: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(time) ? time.slice(0, 10) : time;
}

export function pText(p: number): string {
  return p === 0 || p >= 0.001 ? String(Number(p.toFixed(4))) : p.toExponential(1);
}
