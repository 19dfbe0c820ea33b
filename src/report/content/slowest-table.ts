/** The slowest of each metric, with where their time went. */

import { type SampleRow, sampleRows } from '../../analyse/sample-rows.ts';
import { timeInStages } from '../../analyse/stages.ts';
import { HEADLINE_METRICS, metricFacts } from '../../catalogue/metric-sets.ts';
import { SECOND, toSeconds } from '../../core/duration.ts';
import type { Run } from '../../record/run.ts';
import type { Table } from '../figures/figure.ts';
import { metricText, stageText } from '../../catalogue/names.ts';
import { secondsText } from '../wording/numbers.ts';

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
  const of = metricFacts(metric).stages ?? 'boot';
  const stages = timeInStages(row.stages).map(
    ({ stage, us }) => `${stageText(of, stage)} ${secondsText(toSeconds(us))}`,
  );
  return [
    metricText(metric),
    operation.name,
    dimensions.step,
    operation.wave + 1,
    (object === undefined ? undefined : objects.latest(object, 'node')) ?? '-',
    secondsText(reachedUs(row) / SECOND),
    stages.join(', '),
  ];
}
