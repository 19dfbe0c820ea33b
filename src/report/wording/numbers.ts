/**
 * Numbers as people read them, on every surface: terminal, page, pictures, Markdown, verdicts.
 * Three significant digits, whole numbers whole, thousands grouped, the zeros of a measured value
 * kept. `...Number` goes into a column whose head names the unit, `...Text` says the unit itself.
 */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { plainNumber } from '../chart/format.ts';

/** `0.134`, `3.21`, `32.0`, `350`, `1,204`. */
export function secondsNumber(seconds: number): string {
  if (seconds === Number.POSITIVE_INFINITY) return 'never';
  const size = Math.abs(seconds);
  if (size > 0 && size < LEAST_SECONDS / 2) return `< ${LEAST_SECONDS}`;
  return measured(seconds);
}

/** `32.1 s`, `1,204 s`. */
export function secondsText(seconds: number): string {
  const number = secondsNumber(seconds);
  return number === 'never' ? number : `${number} s`;
}

/** `32.1`, `> 600`, `never`; `-` where there is none. */
export function estimateNumber(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '-';
  if ('never' in estimate) return 'never';
  return 'over' in estimate ? `> ${measured(estimate.over)}` : secondsNumber(estimate.value);
}

/** `32.1 s`, `> 600 s`, `never`; `-` where there is none. */
export function estimateText(estimate: Estimate | undefined): string {
  const number = estimateNumber(estimate);
  return estimate === undefined || 'never' in estimate ? number : `${number} s`;
}

/** `30.9-33.4`; `27.3-` where so few values bound it on one side only; empty without any bound. */
export function intervalNumber(estimate: Estimate | undefined): string {
  if (estimate === undefined || !('value' in estimate)) return '';
  const { lo, hi } = estimate;
  if (lo === undefined && hi === undefined) return '';
  return [lo, hi].map((end) => (end === undefined ? '' : measured(end))).join('-');
}

/** `32.1 s (30.9-33.4)`: what was found, and what of its interval the data carry. */
export function withInterval(estimate: Estimate | undefined): string {
  return inBrackets(estimateText(estimate), intervalNumber(estimate));
}

/** `32.1 (30.9-33.4)`. */
export function numberWithInterval(estimate: Estimate | undefined): string {
  return inBrackets(estimateNumber(estimate), intervalNumber(estimate));
}

/** `97.0`, `0.0142`: a figure without a unit. */
export function plainFigure(value: number): string {
  return measured(value);
}

/** `11.1x`. */
export function timesText(ratio: number): string {
  return `${measured(ratio)}x`;
}

/** `11.1x (9.20-11.3)`; `-` where there is none. */
export function ratioText(ratio: Estimate | undefined): string {
  if (ratio === undefined || !('value' in ratio)) return '-';
  return inBrackets(timesText(ratio.value), intervalNumber(ratio));
}

/** `12,345`. */
export function countText(count: number): string {
  return plainNumber(count, 12);
}

/** `1 wave`, `12,345 waves`. */
export function countedText(count: number, noun: string, plural = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`;
}

/** `all 100`, `2,240 of 3,000`. */
export function partText(part: number, whole: number): string {
  return part === whole ? `all ${countText(whole)}` : `${countText(part)} of ${countText(whole)}`;
}

/** `2.5 %`; what is less than a tenth of one is told to be less, not to be nothing. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${plainNumber(100 * share, 3)} %`;
}

/** `3.20 GiB`, `1.13 TiB`. */
export function bytesText(bytes: number): string {
  const power = Math.min(
    UNITS.length - 1,
    Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10),
  );
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 ? String(Math.round(value)) : measured(value)} ${UNITS[power]}`;
}

/** A length of time for people: `48.0 s`, `12.5 min`, `3 h 05 min`. */
export function longTimeText(seconds: number): string {
  if (seconds < 120) return secondsText(seconds);
  const minutes = seconds / 60;
  if (minutes < 100) return `${measured(minutes)} min`;
  const whole = Math.round(minutes);
  return `${countText(Math.floor(whole / 60))} h ${String(whole % 60).padStart(2, '0')} min`;
}

/** Of what is known to some 10 %: `48 s`, `2.5 min`, `25 min`, `10 h 30 min`. */
export function roughTimeText(seconds: number): string {
  if (seconds > 0 && seconds < 0.5) return '< 1 s';
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 100) return `${plainNumber(minutes, 2)} min`;
  return longTimeText(Math.round(minutes / 10) * 600);
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** Whether a text is a number, also with a sign, a unit or an interval; or stands for one. */
export function isFigure(text: string): boolean {
  return /^[<>+−-]?\s?\d/.test(text) || STAND_INS.has(text);
}

const STAND_INS: ReadonlySet<string> = new Set(['-', 'never', 'mixed']);

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** What is less than half of it is told to be less, not to be nothing. */
const LEAST_SECONDS = 0.001;

function measured(value: number): string {
  return plainNumber(value, 3, { mostDecimals: 3, keepsZeros: true });
}

function inBrackets(text: string, interval: string): string {
  return interval === '' ? text : `${text} (${interval})`;
}

/** A value of a metric, in the units of catalogue/metric-profiles.ts. */
export function measuredText(value: number, unit: string): string {
  if (unit === 'seconds') return secondsText(value);
  if (unit === 'bytes') return bytesText(value);
  if (unit === 'perSecond') return `${plainNumber(value, 3)}/s`;
  return unit === 'count' ? plainNumber(value, 3) : `${plainNumber(value, 3)} ${unit}`;
}
