/** study.csv: a row for each point and metric of a study, in seconds. */

import { stringify } from 'csv-stringify/sync';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { STUDY_STATISTICS, type StudyMetric, type StudyPoint } from '../../compare/study-point.ts';
import type { StudySummary } from '../../compare/study-summary.ts';
import type { Cell } from './csv-cell.ts';

export function studyCsv({ vary, points }: StudySummary): string {
  const paths = Object.keys(vary);
  const head: readonly Cell[] = [
    ...paths,
    'cluster',
    'target',
    'runs',
    'operations',
    'perSecond',
    'metric',
    'dimensions',
    'n',
    'reached',
    ...STUDY_STATISTICS.flatMap((name) => [name, `${name}Lo`, `${name}Hi`]),
  ];
  const rows = points.flatMap((point) =>
    point.metrics.map((metric) => [...pointCells(point, paths), ...metricCells(metric)]),
  );
  return stringify([head, ...rows] as Cell[][], { escape_formulas: true });
}

function pointCells(point: StudyPoint, paths: readonly string[]): readonly Cell[] {
  const { set, cluster = '', target = '', runs, load } = point;
  const settings = paths.map((path) => set[path] ?? '');
  return [...settings, cluster, target, runs, load?.operations ?? '', load?.perSecond.value ?? ''];
}

function metricCells(metric: StudyMetric): readonly Cell[] {
  const dimensions = Object.entries(metric.dimensions).map(([name, value]) => `${name}=${value}`);
  return [
    metric.metric,
    dimensions.join(' '),
    metric.n,
    metric.reached,
    ...STUDY_STATISTICS.flatMap((name) => estimateCells(metric[name])),
  ];
}

/** What was missed is no number. */
function estimateCells(estimate: Estimate | undefined): readonly Cell[] {
  if (estimate === undefined) return ['', '', ''];
  if ('never' in estimate) return ['never', '', ''];
  if ('over' in estimate) return [`> ${estimate.over}`, '', ''];
  return [estimate.value, estimate.lo ?? '', estimate.hi ?? ''];
}
