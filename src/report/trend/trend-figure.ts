/**
 * A series over many nights as a figure: its points, the levels between changes with their
 * intervals, and a line where the level moved. The axis of values does not start at zero, since a
 * change of some per cent matters and could not be seen.
 */

import type { Trend, TrendChange, TrendPoint } from '../../compare/trend/trend.ts';
import type { ChartSpec, DatasetSpec, Rule, TextMark } from '../chart/chart-spec.ts';
import { band, dots, line, tint, type XY } from '../chart/parts.ts';
import { type Colour, IDENTITIES, type Identity } from '../chart/theme.ts';
import { type Figure, oneRow } from '../figures/figure.ts';
import { panelGrid } from '../figures/panel-grid.ts';
import { gravestFirst, type NamedTrend } from './trend-order.ts';
import { blameText, changeText, levelText, pText, rangeText } from './trend-words.ts';
import { trendSentence, type TrendUnit, whenText } from './trend-words.ts';

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

/** More panels than this make no picture; the page has all of them. */
const MAX_PANELS = 12;

/** Several series in one picture, those with the newest changes first. */
export function trendsFigure(id: string, title: string, all: readonly NamedTrend[]): Figure {
  const ordered = gravestFirst(all);
  const changed = ordered.filter(({ trend }) => trend.changePoints.length > 0);
  const [first] = changed;
  // What did not change is worth a look where there is room, and not where nothing can be seen.
  const calm = ordered.filter(
    ({ trend, unit }) => !changed.some((one) => one.trend === trend) && unit !== 'share',
  );
  const shown = [...changed, ...calm].slice(0, MAX_PANELS);
  const count = `${changed.length} of ${all.length} figures changed their level.`;
  const answer =
    first === undefined
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
    whenText(time),
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
  const whiskers = known.map(([i]) => getWhisker(points[i], factor));
  const drawn = [...reached.map(([, y]) => y), ...whiskers.flatMap((whisker) => whisker ?? [])];
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
      ...(drawn.length === 0 ? {} : computeRange(drawn, unit)),
    },
    datasets: [
      {
        ...dots('nights', POINTS, reached, { size: 3, percent: 90 }),
        pointNames: known.map(([i]) => pointName(points[i])),
        whiskers,
        whiskerColour: tint(POINTS.colour, 35),
      },
      ...levelLines(trend, factor),
    ],
    rules: changePoints.map(changeRule),
    texts: changePoints.map((change) => changeLabel(change, unit)),
  };
}

/** A tenth of room on both sides; a share has an end at 100 %. */
function computeRange(values: readonly number[], unit: TrendUnit): { min: number; max: number } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = 0.1 * (most - least || Math.abs(most) || 1);
  return { min: least - margin, max: unit === 'share' ? 101 : most + margin };
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

function getWhisker(
  point: TrendPoint | undefined,
  factor: number,
): readonly [lo: number, hi: number] | null {
  if (point?.lo === undefined || point.hi === undefined) return null;
  return [factor * point.lo, factor * point.hi];
}

function changeRule({ index, direction }: TrendChange): Rule {
  return { axis: 'x', from: index - 0.5, colour: pickColour(direction), dash: [5, 4] };
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
    colour: pickColour(direction),
    isBold: true,
  };
}

function pickColour(direction: TrendChange['direction']): Colour {
  return direction === 'worse' ? '@vermillion' : '@green';
}
