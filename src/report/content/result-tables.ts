/** The tables of a run: results, waves, stages, the slowest, what failed. */

import type { MetricRecord } from '../../analyse/metric-record.ts';
import { type SampleRow, sampleRows } from '../../analyse/sample-rows.ts';
import { timeInStages } from '../../analyse/stages.ts';
import type { Dimensions } from '../../analyse/span.ts';
import type { Summary } from '../../analyse/summary.ts';
import { farthestSpan, type WaveRow } from '../../analyse/wave-rows.ts';
import { FROM_INTENDED_START, HEADLINE_METRICS } from '../../catalogue/metric-sets.ts';
import { SECOND, toSeconds } from '../../core/duration.ts';
import type { Run } from '../../record/run.ts';
import { formatValue } from '../chart/format.ts';
import type { Table } from '../figures/figure.ts';
import { countText, estimateText, secondsText, withIntervalText } from '../figures/words.ts';

const COUNTS = ['requested', 'failed', 'not in time'];

/** The metrics that people quote; the others repeat them from another start. */
export function headlineResultsTable(summary: Summary): Table {
  const metrics = summary.metrics.filter(({ metric }) => !FROM_INTENDED_START.has(metric));
  return resultsTable({ ...summary, metrics });
}

export function resultsTable({ metrics }: Summary): Table {
  return {
    caption:
      'Results: of all requested, with 95 % intervals; mean and max of those that were reached',
    headers: ['metric', 'step', 'of', ...COUNTS, 'mean', 'p50', 'p90', 'p95', 'p99', 'max'],
    rows: metrics.map(resultRow),
  };
}

function resultRow(record: MetricRecord) {
  const { metric, dimensions, n, failed, censored, mean, p50, p90, p95, p99, max } = record;
  const shown = record.waves > 1 || n > 1 ? withIntervalText : estimateText;
  return [
    metric,
    dimensions.step,
    armText(dimensions),
    countText(n),
    countText(failed),
    countText(censored),
    ...[mean, p50, p90, p95, p99].map(shown),
    estimateText(max),
  ];
}

function armText({ image, source, template, path }: Dimensions): string {
  const via = path === undefined ? undefined : `via ${path}`;
  return [image ?? template, source, via].filter((part) => part !== undefined).join(', ');
}

export function wavesTable({ waves }: Summary): Table {
  return {
    caption: 'Waves',
    headers: ['step', 'wave', 'of', 'requested', 'missed', 'released', 'makespan', 'longest span'],
    rows: waves.map(waveCells),
  };
}

function waveCells(row: WaveRow) {
  const { dimensions, wave, warmup, n, failed, censored, release, makespan, spans } = row;
  const farthest = farthestSpan(row);
  return [
    dimensions.step,
    `${wave + 1}${warmup ? ' (warm-up)' : ''}`,
    armText(dimensions),
    countText(n),
    countText(failed + censored),
    secondsText(release),
    estimateText(makespan),
    estimateText(farthest === undefined ? undefined : spans[farthest]?.longest),
  ];
}

export function stagesTable({ stages }: Summary): Table {
  return {
    caption: 'Mean time in each stage, of the objects that went all the way',
    headers: ['of', 'step', 'arm', 'objects', 'stage', 'mean'],
    rows: stages.flatMap(({ of, dimensions, n, stages: each }) =>
      each.map(({ stage, seconds }) => [
        of,
        dimensions.step,
        armText(dimensions),
        countText(n),
        stage,
        secondsText(seconds),
      ]),
    ),
  };
}

const SLOWEST = 20;

/** The slowest of each metric that were reached, with where their time went. */
export function slowestTable(run: Run): Table {
  const slowest = new Map<string, SampleRow[]>();
  for (const row of sampleRows(run)) {
    if (row.span.outcome.state !== 'reached' || row.warmup) continue;
    const { metric } = row.span;
    if (!HEADLINE_METRICS.has(metric)) continue;
    const kept = slowest.get(metric) ?? [];
    slowest.set(metric, kept);
    kept.push(row);
    if (kept.length >= 50 * SLOWEST) keepSlowest(kept);
  }
  for (const kept of slowest.values()) keepSlowest(kept);
  return {
    caption: `The slowest ${SLOWEST} of each metric`,
    headers: ['metric', 'name', 'step', 'wave', 'node', 'time', 'stages'],
    rows: [...slowest.values()].flat().map((row) => slowestRow(run, row)),
  };
}

function keepSlowest(rows: SampleRow[]): void {
  rows.sort((a, b) => reachedUs(b) - reachedUs(a)).splice(SLOWEST);
}

function reachedUs({ span: { outcome } }: SampleRow): number {
  return outcome.state === 'reached' ? outcome.hi : 0;
}

function slowestRow({ objects }: Run, row: SampleRow) {
  const { metric, operation, dimensions, object } = row.span;
  const stages = timeInStages(row.stages).map(
    ({ stage, us }) => `${stage} ${secondsText(toSeconds(us))}`,
  );
  return [
    metric,
    operation.name,
    dimensions.step,
    operation.wave + 1,
    (object === undefined ? undefined : objects.latest(object, 'node')) ?? '-',
    secondsText(reachedUs(row) / SECOND),
    stages.join(', '),
  ];
}

/** Operations that missed their goal, by what stood in the way. */
export function missesTable({ misses }: Summary): Table {
  return {
    caption: 'What missed, and why',
    headers: [
      'what stood in the way',
      'outcome',
      'reason',
      'step',
      'operation',
      'number',
      'of the step',
      'for example',
    ],
    rows: misses.map(({ class: found, how, reason, step, verb, kind, n, share, example }) => [
      found,
      how,
      reason,
      step,
      `${verb} ${kind}`,
      countText(n),
      formatValue('percent', share),
      example.message === undefined ? example.object : `${example.object}: ${example.message}`,
    ]),
  };
}
