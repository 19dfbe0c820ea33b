/** A study on the terminal: the answer first, then the curve as a table with its two asymptotes. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { quotedMetric, setKey, type StudyPoint } from '../../compare/study-point.ts';
import { isOnCurve, type StudyCurve, type StudySummary } from '../../compare/study-summary.ts';
import { countedText, numberWithInterval, plainFigure } from '../wording/numbers.ts';
import { studyAnswers } from '../wording/study-words.ts';
import { type TextColumn, textTable, type TextStyle } from './text-table.ts';

export function studyText(summary: StudySummary, style: TextStyle): string {
  const { scenario, id, points, curves } = summary;
  const runs = points.reduce((sum, point) => sum + point.runs, 0);
  const size = `${countedText(points.length, 'point')}, ${countedText(runs, 'run')}`;
  return [
    `${scenario}, study ${id}: ${size}`,
    'SIMULATED cluster, no hardware was measured.',
    '',
    ...studyAnswers(summary).map((line) => `- ${line}`),
    '',
    ...textTable(
      columns(summary),
      points.map((point) => pointRow(point, summary)),
      style,
    ),
    ...curves.flatMap((curve) => lawLines(curve, points)),
    ...failureLines(points),
  ].join('\n');
}

function columns({ vary }: StudySummary): readonly TextColumn[] {
  return [
    ...Object.keys(vary).map((path): TextColumn => ({ title: path, align: 'left' })),
    { title: 'runs', align: 'right' },
    { title: 'last of a wave, s', align: 'right' },
    { title: 'a second', align: 'right' },
    { title: 'bounds', align: 'right' },
    { title: 'p95, s', align: 'right' },
    { title: 'of', align: 'left', isOptional: true },
  ];
}

function pointRow(point: StudyPoint, { vary, curves }: StudySummary) {
  const { set, runs, load } = point;
  const quoted = quotedMetric(point);
  const curve = curves.find((each) => isOnCurve(each, point));
  return {
    cells: [
      ...Object.keys(vary).map((path) => set[path] ?? ''),
      String(runs),
      numberWithInterval(load?.seconds),
      numberWithInterval(load?.perSecond),
      boundText(curve, load?.operations),
      numberWithInterval(quoted?.p95 satisfies Estimate | undefined),
      quoted?.metric ?? '',
    ],
  };
}

/** What the two asymptotes allow at this load. */
function boundText(curve: StudyCurve | undefined, operations: number | undefined): string {
  if (curve === undefined || operations === undefined || 'none' in curve.bounds) return '';
  const { unloaded, ceiling } = curve.bounds;
  return plainFigure(Math.min(operations / unloaded, ceiling));
}

function lawLines({ law, set }: StudyCurve, points: readonly StudyPoint[]): readonly string[] {
  if (law === undefined) return points.length < 4 ? [] : ['', 'Scalability law: no fit'];
  const { gamma, sigma, kappa, standardErrors } = law.fit;
  const shares = law.residuals.map((each) => `${(each * 100).toFixed(1)} %`);
  const where = setKey(set) === '' ? '' : ` (${setKey(set)})`;
  const error = (i: 0 | 1 | 2) => standardErrors[i].toPrecision(2);
  const ceiling =
    law.ceiling === undefined ? 'no ceiling' : `ceiling ${plainFigure(law.ceiling)}/s`;
  const peak = law.peak === undefined ? (law.noPeak ?? '') : `peak at ${plainFigure(law.peak)}`;
  return [
    '',
    `Scalability law${where}: gamma ${plainFigure(gamma)} (se ${error(0)}), sigma ` +
      `${sigma.toPrecision(3)} (se ${error(1)}), kappa ${kappa.toPrecision(2)} (se ${error(2)})`,
    `  ${ceiling}; ${peak}; residuals ${shares.join(', ')}`,
  ];
}

function failureLines(points: readonly StudyPoint[]): readonly string[] {
  const lines = points.flatMap(({ set, failures }) =>
    failures.map((failure) => `- ${setKey(set)}: ${failure}`),
  );
  return lines.length === 0 ? [] : ['', 'Points that did not go well:', ...lines];
}
