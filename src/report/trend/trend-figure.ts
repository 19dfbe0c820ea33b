/**
 * A series over many nights as a figure: its points, the levels between changes with their
 * intervals, and a line where the level moved. What a reader would get wrong: the axis of values
 * does not start at zero, since a change of some per cent matters and could not be seen.
 */

import type { Trend, TrendChange, TrendPoint } from '../../compare/trend/trend.ts';
import type { ChartSpec, DatasetSpec, Rule, TextMark } from '../chart/chart-spec.ts';
import { band, dots, line, tint, type XY } from '../chart/parts.ts';
import { type Colour, IDENTITIES, type Identity } from '../chart/theme.ts';
import { type Figure, oneRow } from '../figures/figure.ts';
import { panelGrid } from '../figures/panel-grid.ts';
import { blameText, changeText, levelText, pText, rangeText } from './trend-words.ts';
import { trendSentence, type TrendUnit } from './trend-words.ts';

const [LEVEL, POINTS] = IDENTITIES as readonly [Identity, Identity];

const UNIT_TITLES: Readonly<Record<TrendUnit, string>> = {
  seconds: 'seconds',
  share: 'share reached, %',
  plain: 'value',
};

export function trendFigure(id: string, title: string, trend: Trend, unit: TrendUnit): Figure {
  const warnings = trend.warnings.map((warning) => `${warning}.`);
  return {
    id,
    title,
    question: 'Has the level changed, since when, and by how much?',
    answer: trendSentence(trend, unit),
    unit: UNIT_TITLES[unit],
    rows: oneRow({ title: UNIT_TITLES[unit], share: 1, chart: chart(trend, unit) }),
    table: {
      caption: `Changes of level: ${title}`,
      headers: ['point', 'when', 'change', 'p', 'level before', 'level after', 'differences'],
      rows: trend.changePoints.map((change) => changeRow(change, unit)),
    },
    notes: [
      'Lines are the levels between changes, bands their 95 % intervals; the axis of values does ' +
        'not start at zero.',
      ...warnings,
    ],
  };
}

/** A series with what it is called. */
export interface NamedTrend {
  readonly title: string;
  readonly trend: Trend;
  readonly unit: TrendUnit;
}

/** More panels than this make no picture; the page has all of them. */
const MAX_PANELS = 12;

/** Several series in one picture, those with the newest changes first. */
export function trendsFigure(id: string, title: string, all: readonly NamedTrend[]): Figure {
  const newest = ({ trend }: NamedTrend) => trend.changePoints.at(-1)?.index ?? -1;
  const shown = [...all].sort((a, b) => newest(b) - newest(a)).slice(0, MAX_PANELS);
  const changed = all.filter((one) => newest(one) >= 0);
  const [first] = shown;
  const count = `${changed.length} of ${all.length} figures changed their level.`;
  const answer =
    changed.length === 0 || first === undefined
      ? `No change of level in ${all.length} figures.`
      : `${count} ${first.title}: ${trendSentence(first.trend, first.unit)}`;
  return {
    id,
    title,
    question: 'Has any level changed, since when, and by how much?',
    answer,
    unit: '',
    rows: panelGrid(shown.map((one) => ({ title: one.title, chart: chart(one.trend, one.unit) }))),
    table: { caption: 'Changes of level', headers: [], rows: [] },
  };
}

function changeRow(change: TrendChange, unit: TrendUnit) {
  const { index, time, p, levels } = change;
  return [
    index,
    time,
    changeText(change, unit),
    pText(p),
    rangeText(levels.before, unit) || levelText(levels.before.value, unit),
    rangeText(levels.after, unit) || levelText(levels.after.value, unit),
    blameText(change) || '-',
  ];
}

function chart(trend: Trend, unit: TrendUnit): ChartSpec {
  const factor = unit === 'share' ? 100 : 1;
  const { points, changePoints } = trend;
  const known = points.flatMap(({ value }, i) => (value === null ? [] : [[i, value] as const]));
  const reached = known.map(([x, y]): XY => [x, factor * y]);
  const values = reached.map(([, y]) => y);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = 0.1 * (most - least || Math.abs(most) || 1);
  return {
    base: 'scatter',
    x: {
      scale: 'linear',
      format: 'count',
      title: 'night, counted from 0',
      min: -0.5,
      max: Math.max(1, points.length - 0.5),
      hasGrid: false,
    },
    y: {
      scale: 'linear',
      format: unit === 'seconds' ? 'seconds' : 'plain',
      title: UNIT_TITLES[unit],
      ...(values.length === 0 ? {} : { min: least - margin, max: most + margin }),
    },
    datasets: [
      {
        ...dots('nights', POINTS, reached, { size: 3, percent: 90 }),
        pointNames: known.map(([i]) => pointName(points[i])),
        whiskers: known.map(([i]) => whiskerOf(points[i], factor)),
        whiskerColour: tint(POINTS.colour, 35),
      },
      ...levelLines(trend, factor),
    ],
    rules: changePoints.map(changeRule),
    texts: changePoints.map((change) => changeLabel(change, unit)),
  };
}

function pointName(point: TrendPoint | undefined): string {
  return point === undefined || point.name === point.time
    ? (point?.name ?? '')
    : `${point.name}, ${point.time.slice(0, 10)}`;
}

/** One step line through all levels, and a band for each. */
function levelLines({ points, changePoints }: Trend, factor: number): readonly DatasetSpec[] {
  const [first] = changePoints;
  if (first === undefined) return [];
  const levels = [first.levels.before, ...changePoints.map(({ levels: { after } }) => after)];
  const edges = [0, ...changePoints.map(({ index }) => index), points.length];
  return levels.flatMap(({ value, lo, hi }, i) => {
    const [from, to] = [(edges[i] as number) - 0.5, (edges[i + 1] as number) - 0.5];
    const ends: readonly XY[] = [
      [from, factor * value],
      [to, factor * value],
    ];
    const level = { ...line('level', LEVEL, ends), isInLegend: i === 0 };
    if (lo === undefined || hi === undefined) return [level];
    const rows = [from, to].map((x) => ({ x, lo: factor * lo, hi: factor * hi }));
    return [level, ...band('level', LEVEL, rows)];
  });
}

function whiskerOf(
  point: TrendPoint | undefined,
  factor: number,
): readonly [lo: number, hi: number] | null {
  if (point?.lo === undefined || point.hi === undefined) return null;
  return [factor * point.lo, factor * point.hi];
}

function changeRule({ index, direction }: TrendChange): Rule {
  return { axis: 'x', from: index - 0.5, colour: colourOf(direction), dash: [5, 4] };
}

function changeLabel({ index, direction, before, after }: TrendChange, unit: TrendUnit): TextMark {
  const sign = after > before ? '+' : '';
  const size =
    before === 0 ? levelText(after, unit) : `${sign}${(100 * (after / before - 1)).toFixed(0)} %`;
  return {
    x: index - 0.5,
    y: 'top',
    text: `${direction} ${size}`,
    align: 'right',
    dx: -6,
    dy: 12,
    colour: colourOf(direction),
    isBold: true,
  };
}

function colourOf(direction: TrendChange['direction']): Colour {
  return direction === 'worse' ? '@vermillion' : '@green';
}
