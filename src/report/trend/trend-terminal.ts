/**
 * Trends on a terminal: a sparkline for each series, and each change of level with its interval.
 */

import type { Trend, TrendChange } from '../../compare/trend/trend.ts';
import type { TrendGroup } from '../../compare/trend/trend-groups.ts';
import { sparkline } from '../nightly/sparkline.ts';
import { formatDay } from '../nightly/verdict-text.ts';
import { dimmed, heading, type TextStyle, wrapped } from '../terminal/text-table.ts';
import { gravestFirst, namedTrends } from './trend-order.ts';
import {
  blameText,
  changeText,
  levelText,
  pText,
  rangeText,
  type TrendUnit,
} from './trend-words.ts';

const SPARK_WIDTH = 72;

export function renderTrendGroups(groups: readonly TrendGroup[], style: TextStyle): string {
  const lines = groups.flatMap((group, i) => [
    ...(i === 0 ? [] : ['']),
    heading(groupTitle(group), style),
    ...gravestFirst(namedTrends(group)).flatMap(({ title, trend, unit }) =>
      trendLines(title, trend, unit, style),
    ),
  ]);
  return paragraphs(lines);
}

export function renderTrend(title: string, trend: Trend, style: TextStyle): string {
  return paragraphs(trendLines(title, trend, 'plain', style));
}

/** `nightly on SIMULATED environment article: 40 nights, 2026-09-01 to 2026-10-10`. */
export function groupTitle(group: TrendGroup): string {
  const { scenario, target, environment, nights, since, until } = group;
  const where = target === 'simulated' ? 'SIMULATED environment' : 'cluster';
  const count = nights === 1 ? '1 night' : `${nights} nights`;
  const days = `${formatDay(since)} to ${formatDay(until)}`;
  return `${scenario} on ${where} ${environment.name}: ${count}, ${days}`;
}

/** Never two empty lines in a row, none at the ends. */
function paragraphs(lines: readonly string[]): string {
  const text = lines.join('\n').replaceAll(/\n{3,}/g, '\n\n');
  return `${text.replace(/^\n+|\n+$/g, '')}\n`;
}

/** A series that did not change takes two lines, any other a paragraph. */
function trendLines(
  title: string,
  trend: Trend,
  unit: TrendUnit,
  style: TextStyle,
): readonly string[] {
  const { points, changePoints, warnings } = trend;
  const values = points.map(({ value }) => value);
  const last = values.findLast((value) => value !== null);
  const now = last === undefined ? 'no values' : levelText(last, unit);
  const notes = warnings.flatMap((warning) => indented(`! ${warning}`, style));
  const spark = sparkline(values, Math.min(SPARK_WIDTH, style.width - 2));
  const isCalm = changePoints.length === 0;
  if (isCalm)
    return [`${title}: ${now}, no change of level`, dimmed(`  ${spark}`, style), ...notes];
  const changes = changePoints.flatMap((change) => changeLines(change, unit, style));
  return ['', `${title}: ${now}`, `  ${spark}`, ...changes, ...notes, ''];
}

function changeLines(change: TrendChange, unit: TrendUnit, style: TextStyle): readonly string[] {
  const { index, p, levels, time, blame } = change;
  const name = blame === undefined ? time : `run ${blame.firstBad}, ${formatDay(time)}`;
  const at = name === '' ? `point ${index}` : `point ${index} (${name})`;
  const ranges = [levels.before, levels.after].map((level) => rangeText(level, unit) || '?');
  return [
    ...indented(`${at}: ${changeText(change, unit)}, p ${pText(p)} at the best split`, style),
    ...indented(blameText(change), style),
    dimmed(`  levels, 95 %: ${ranges.join(', then ')}`, style),
  ];
}

function indented(text: string, style: TextStyle): readonly string[] {
  return text === '' ? [] : wrapped(text, style.width - 2).map((line) => `  ${line}`);
}
