/** Latency by node, slowest last: one bad node is seen at once. */

import { quantileSorted } from '../../analyse/statistics/quantile.ts';
import { rankInterval } from '../../analyse/statistics/order-statistic-interval.ts';
import type { ChartSpec, TextMark } from '../chart/chart-spec.ts';
import { band, dots, tint, type XY } from '../chart/parts.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { headlinePoints, type Series } from './series.ts';
import { listText, secondsText } from '../wording/numbers.ts';

/** With more nodes their error bars would touch: a band then. */
const WHISKERS_MOST = 250;

export function nodes(all: readonly Series[]): Figure | undefined {
  const drawn = all
    .map((series) => ({ series, rows: byNode(series) }))
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
      headers: ['series', 'node', 'VMs', 'median', 'from', 'to'],
      rows: drawn.flatMap(({ series, rows }) =>
        rows.map(({ node, n, median, lo, hi }) => [
          series.name,
          node,
          n,
          secondsText(median),
          Number.isFinite(lo) ? secondsText(lo) : '-',
          Number.isFinite(hi) ? secondsText(hi) : '-',
        ]),
      ),
    },
    notes: [
      'Bars are 95 % intervals of the median, each by itself: of a hundred nodes about five lie ' +
        'outside by chance.',
    ],
  };
}

interface NodeRow {
  readonly node: string;
  readonly n: number;
  readonly median: number;
  /** Infinite where the values are too few. */
  readonly lo: number;
  readonly hi: number;
}

/** Fastest first. */
function byNode(series: Series): readonly NodeRow[] {
  const values = new Map<string, number[]>();
  for (const { node, outcome } of headlinePoints(series)) {
    if (node === undefined || outcome.state !== 'reached') continue;
    const known = values.get(node);
    if (known === undefined) values.set(node, [outcome.hi]);
    else known.push(outcome.hi);
  }
  return [...values].map(nodeRow).sort((a, b) => a.median - b.median);
}

function nodeRow([node, values]: readonly [string, number[]]): NodeRow {
  const sorted = Float64Array.from(values).sort();
  const { lower, upper } = rankInterval(sorted.length, 0.5, 0.95);
  return {
    node,
    n: sorted.length,
    median: quantileSorted(sorted, 0.5, 1),
    lo: sorted[lower - 1] ?? Number.NEGATIVE_INFINITY,
    hi: sorted[upper - 1] ?? Number.POSITIVE_INFINITY,
  };
}

function rangeText({ series, rows }: { series: Series; rows: readonly NodeRow[] }): string {
  const [fastest, slowest] = [rows[0] as NodeRow, rows.at(-1) as NodeRow];
  const [from, to] = [fastest, slowest].map(
    ({ node, median }) => `${secondsText(median)} (${node})`,
  );
  return `${series.name}: medians from ${from} to ${to} over ${rows.length} nodes`;
}

function chart({ identity }: Series, rows: readonly NodeRow[]): ChartSpec {
  const whiskers = rows.map(({ lo, hi }) =>
    Number.isFinite(lo) && Number.isFinite(hi) ? ([lo, hi] as const) : null,
  );
  const points = rows.map(({ median }, i): XY => [i + 1, median]);
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
        pointNames: rows.map(({ node, n }) => `${node} (${n} VMs)`),
      },
    ],
    texts: [slowestLabel(rows)],
  };
}

/** The intervals that the values carry, as rows of a band. */
function carried(rows: readonly NodeRow[]) {
  return rows.flatMap(({ lo, hi }, i) =>
    Number.isFinite(lo) && Number.isFinite(hi) ? [{ x: i + 1, lo, hi }] : [],
  );
}

function slowestLabel(rows: readonly NodeRow[]): TextMark {
  const text = `slowest: ${rows.at(-1)?.node}`;
  return { x: 'right', y: 'bottom', text, align: 'right', dx: -4, dy: -12, colour: '@muted' };
}
