/**
 * The clusters of a study beside each other, a row each, slowest first, with the line of all their
 * values together. That line is no mean of the rows; a cluster with many VMs pulls it its way.
 */

import { type Estimate, slowness } from '../../analyse/statistics/estimate.ts';
import { pointName, quotedMetric, setKey, type StudyPoint } from '../../compare/study-point.ts';
import type { PooledMetric, PooledPoint } from '../../compare/study-pool.ts';
import type { StudySummary } from '../../compare/study-summary.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import type { Figure, Panel, Table } from '../figures/figure.ts';
import { rowsHeight, valueRows } from '../figures/value-rows.ts';
import { estimateNumber, numberWithInterval, percentText } from '../wording/numbers.ts';
import { fleetAnswers } from '../wording/study-words.ts';

/** Panels of the figure; all points are in the table. */
const PANELS_MAX = 6;

/** Undefined where no point has several clusters. */
export function fleetFigure(summary: StudySummary): Figure | undefined {
  const { pooled = [], points } = summary;
  if (pooled.length === 0) return undefined;
  const panels = pooled.slice(0, PANELS_MAX).flatMap((pool) => {
    const own = points.filter((point) => isOf(pool, point));
    const quoted = quotedMetric(pool);
    return quoted === undefined ? [] : [{ pool, quoted, rows: slowestFirst(own) }];
  });
  return {
    id: 'study-fleet',
    title: 'Clusters beside each other',
    question: 'How much do they differ, and which is the slowest?',
    answer: fleetAnswers(summary).join('. '),
    unit: 'seconds',
    rows: panels.map(({ pool, quoted, rows }) => ({
      height: rowsHeight(rows.length),
      panels: [panel(pool, quoted, rows)],
    })),
    table: pooledTable(pooled),
    notes: [
      'Percentiles over clusters are of all values together; their intervals draw clusters, then ' +
        'waves. The share is that of the variance of the logarithms between clusters.',
      ...(pooled.length > PANELS_MAX ? [`The first ${PANELS_MAX} points are drawn.`] : []),
    ],
  };
}

function panel(pool: PooledPoint, quoted: PooledMetric, rows: readonly StudyPoint[]): Panel {
  return { title: panelTitle(pool, quoted), share: 1, chart: rowsChart(rows, quoted.p95) };
}

function isOf({ set, target }: PooledPoint, point: StudyPoint): boolean {
  return point.target === target && setKey(point.set) === setKey(set);
}

function panelTitle({ set, target }: PooledPoint, { metric, p95 }: PooledMetric): string {
  const where = setKey(set) === '' ? '' : `, ${setKey(set)}`;
  const all = `line: all together, ${estimateNumber(p95)}`;
  return `p95 of ${metric}, seconds${where} (${target}); ${all}`;
}

function slowestFirst(points: readonly StudyPoint[]): readonly StudyPoint[] {
  return points.toSorted((a, b) => height(b) - height(a));
}

function height(point: StudyPoint): number {
  const p95 = quotedMetric(point)?.p95;
  return p95 === undefined ? 0 : slowness(p95);
}

function rowsChart(points: readonly StudyPoint[], pooled: Estimate): ChartSpec {
  const rows = points.map((point) => ({
    label: point.cluster ?? pointName(point),
    estimate: quotedMetric(point)?.p95,
  }));
  return valueRows(rows, 'p95', pooled);
}

function pooledTable(pooled: readonly PooledPoint[]): Table {
  return {
    caption: 'Over the clusters of a point',
    headers: [
      'point',
      'metric',
      'clusters',
      'n',
      'reached',
      'p50, s',
      'p95, s',
      'between clusters',
      'slowest',
      'fastest',
    ],
    rows: pooled.flatMap((pool) =>
      pool.metrics.map((one) => [
        [setKey(pool.set), pool.target].filter(Boolean).join(', '),
        [one.metric, ...Object.values(one.dimensions)].join(' '),
        pool.clusters.length,
        one.n,
        one.reached,
        numberWithInterval(one.p50),
        numberWithInterval(one.p95),
        one.betweenShare === undefined ? '' : percentText(one.betweenShare),
        `${one.slowest.cluster} ${estimateNumber(one.slowest.p95)}`,
        `${one.fastest.cluster} ${estimateNumber(one.fastest.p95)}`,
      ]),
    ),
  };
}
