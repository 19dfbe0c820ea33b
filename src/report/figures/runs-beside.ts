/**
 * One thing that several runs measured, a row a run, in the order in which they were named: loose
 * runs have no order of their own, and who compares them knows why they stand so.
 */

import { slowness } from '../../analyse/statistics/estimate.ts';
import { estimateText, numberWithInterval } from '../wording/numbers.ts';
import type { Figure } from './figure.ts';
import type { Series } from './series.ts';
import { rowsHeight, valueRows } from './value-rows.ts';

export interface RunSeriesRow {
  readonly run: string;
  readonly series: Series;
}

/** `n`: from 1, among those of the page. */
export function runsBeside(name: string, rows: readonly RunSeriesRow[], n: number): Figure {
  const bars = rows.map(({ run, series }) => ({ label: run, estimate: series.p95 }));
  return {
    id: `runs-${n}`,
    title: name,
    question: `How long did it take in each run: ${name}?`,
    answer: extremesText(rows),
    unit: 'seconds',
    rows: [
      {
        height: rowsHeight(rows.length),
        panels: [{ title: 'p95, seconds', share: 1, chart: valueRows(bars, 'p95') }],
      },
    ],
    table: {
      caption: `${name}, seconds`,
      headers: ['run', 'n', 'reached', 'mean', 'p50', 'p95', 'p99', 'max'],
      rows: rows.map(({ run, series }) => [
        run,
        series.n,
        series.reached,
        numberWithInterval(series.mean),
        ...[series.p50, series.p95, series.p99].map(numberWithInterval),
        numberWithInterval(series.max),
      ]),
    },
    notes: [
      'The interval of a run holds for that run alone: how much runs of one kind differ among ' +
        'themselves is not in it. bench compare judges differences.',
    ],
  };
}

function extremesText(rows: readonly RunSeriesRow[]): string {
  const ordered = rows.toSorted((a, b) => slowness(a.series.p95) - slowness(b.series.p95));
  const [least, most] = [ordered[0], ordered.at(-1)];
  if (least === undefined || most === undefined || least === most) {
    return rows.map(({ run, series }) => `${run}: p95 ${estimateText(series.p95)}`).join('') + '.';
  }
  const text = ({ run, series }: RunSeriesRow) => `${estimateText(series.p95)} in ${run}`;
  return `p95 from ${text(least)} to ${text(most)}.`;
}
