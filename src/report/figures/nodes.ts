/** Latency by node, slowest last: one bad node is seen at once. */

import { groupMedians, type NamedGroup } from '../../analyse/spread.ts';
import type { Observation } from '../../analyse/statistics/observation.ts';
import type { ChartSpec, TextMark } from '../chart/chart-spec.ts';
import { band, crosses, dots, tint, type XY } from '../chart/parts.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { headlinePoints, type Series } from './series.ts';
import { countedText, estimateText, listText, secondsText } from '../wording/numbers.ts';

/** With more nodes their error bars would touch: a band then. */
const WHISKERS_MOST = 250;

export function nodes(all: readonly Series[]): Figure | undefined {
  const drawn = all
    .map((series) => ({ series, rows: groupByNode(series) }))
    .filter(({ rows }) => rows.length > 1);
  if (drawn.length === 0) return undefined;
  return {
    id: 'nodes',
    title: 'Node by node',
    question: 'Is a node slower than the others?',
    answer: `${listText(drawn.map(rangeText))}.`,
    unit: 'seconds',
    rows: panelGrid(
      drawn.map(({ series, rows }) => ({
        title: series.name,
        chart: chart(series, rows),
      })),
    ),
    table: {
      caption: 'Median by node',
      headers: ['series', 'node', 'VMs', 'missed', 'median', 'from', 'to'],
      rows: drawn.flatMap(({ series, rows }) =>
        rows.map(({ name, n, reached, median, lo, hi }) => [
          series.name,
          name,
          n,
          n - reached,
          estimateText(median),
          Number.isFinite(lo) ? secondsText(lo) : '-',
          Number.isFinite(hi) ? secondsText(hi) : '-',
        ]),
      ),
    },
    notes: [
      'Bars are 95 % intervals of the median, each by itself: of a hundred nodes about five lie ' +
        'outside by chance.',
      'What missed counts as never. A cross at the top is a node on which half or more missed.',
    ],
  };
}

/** Fastest first; what missed counts as never, so a node of misses is the slowest. */
function groupByNode(series: Series): readonly NamedGroup[] {
  const outcomes = new Map<string, Observation[]>();
  for (const { node, outcome } of headlinePoints(series)) {
    if (node === undefined) continue;
    const known = outcomes.get(node);
    if (known === undefined) outcomes.set(node, [outcome]);
    else known.push(outcome);
  }
  return groupMedians(outcomes);
}

function rangeText({ series, rows }: { series: Series; rows: readonly NamedGroup[] }): string {
  const [fastest, slowest] = [rows[0] as NamedGroup, rows.at(-1) as NamedGroup];
  const [from, to] = [fastest, slowest].map(
    ({ name, median }) => `${estimateText(median)} (${name})`,
  );
  const missed = rows.reduce((sum, { n, reached }) => sum + n - reached, 0);
  const misses = missed === 0 ? '' : `, ${countedText(missed, 'miss', 'misses')} counted as never`;
  return `${series.name}: medians from ${from} to ${to} over ${rows.length} nodes${misses}`;
}

/** Where it is among what was reached. */
function finiteMedian({ median }: NamedGroup): number {
  return 'value' in median ? median.value : Number.POSITIVE_INFINITY;
}

function chart({ identity }: Series, rows: readonly NamedGroup[]): ChartSpec {
  const placed = rows.map((row, i) => ({ row, x: i + 1, median: finiteMedian(row) }));
  const seen = placed.filter(({ median }) => Number.isFinite(median));
  const never = placed.filter(({ median }) => !Number.isFinite(median));
  const top = Math.max(1, ...seen.map(({ median }) => median));
  const whiskers = seen.map(({ row: { lo, hi } }) =>
    Number.isFinite(lo) && Number.isFinite(hi) ? ([lo, hi] as const) : null,
  );
  const points = seen.map(({ x, median }): XY => [x, median]);
  return {
    base: 'scatter',
    hasLegend: false,
    x: {
      scale: 'linear',
      format: 'count',
      title: 'node, fastest first',
      min: 0,
      max: rows.length + 1,
      hasGrid: false,
    },
    y: { scale: 'linear', format: 'seconds', title: 'median (seconds)' },
    datasets: [
      ...(rows.length > WHISKERS_MOST ? band('95 % interval', identity, carried(rows)) : []),
      {
        ...dots('median of a node', identity, points, {
          size: rows.length > WHISKERS_MOST ? 1.5 : 3,
          percent: 100,
        }),
        ...(rows.length > WHISKERS_MOST
          ? {}
          : { whiskers, whiskerColour: tint(identity.colour, 60) }),
        pointNames: seen.map(({ row: { name, n } }) => `${name} (${n} VMs)`),
      },
      ...(never.length === 0
        ? []
        : [
            crosses(
              'half or more missed',
              never.map(({ x }) => [x, top] as const),
            ),
          ]),
    ],
    texts: [slowestLabel(rows)],
  };
}

/** The intervals that the values carry, as rows of a band. */
function carried(rows: readonly NamedGroup[]) {
  return rows.flatMap(({ lo, hi }, i) =>
    Number.isFinite(lo) && Number.isFinite(hi) ? [{ x: i + 1, lo, hi }] : [],
  );
}

function slowestLabel(rows: readonly NamedGroup[]): TextMark {
  const text = `slowest: ${rows.at(-1)?.name}`;
  return { x: 'right', y: 'bottom', text, align: 'right', dx: -4, dy: -12, colour: '@muted' };
}
