/** A study on the terminal: the answer first, then the curve as a table with its two asymptotes. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { pointName, quotedMetric, setKey, type StudyPoint } from '../../compare/study-point.ts';
import {
  hasClusters,
  isOnCurve,
  type StudyCurve,
  type StudySummary,
} from '../../compare/study-summary.ts';
import { metricText } from '../../catalogue/names.ts';
import { countedText, numberWithInterval, plainFigure } from '../wording/numbers.ts';
import { studyAnswers } from '../wording/study-words.ts';
import { tornadoLines } from './tornado-text.ts';
import { type TextColumn, textTable, type TextStyle, wrapped } from './text-table.ts';
import { simulatedLine } from '../wording/twin-words.ts';

export function studyText(summary: StudySummary, style: TextStyle): string {
  const { scenario, id, points, curves } = summary;
  const runs = points.reduce((sum, point) => sum + point.runs, 0);
  const size = `${pointCount(points)}, ${countedText(runs, 'run')}`;
  const lines = (texts: readonly string[]) => texts.flatMap((text) => wrapped(text, style.width));
  return [
    ...lines([`${scenario}, study ${id}: ${size}`, ...simulatedLines(summary)]),
    '',
    ...lines(studyAnswers(summary).map((line) => `- ${line}`)),
    '',
    ...(summary.sensitivity === undefined
      ? textTable(
          columns(summary),
          points.map((point) => pointRow(point, summary)),
          style,
        )
      : summary.sensitivity.slice(0, 1).flatMap((each) => tornadoLines(each, style))),
    ...lines(curves.flatMap((curve) => lawLines(curve, points))),
    ...lines(failureLines(points)),
  ].join('\n');
}

function pointCount(points: readonly StudyPoint[]): string {
  const sets = new Set(points.map(({ set }) => setKey(set)));
  const clusters = new Set(points.map(({ cluster }) => cluster));
  const where = clusters.size > 1 ? ` on ${countedText(clusters.size, 'cluster')}` : '';
  return `${countedText(sets.size, 'point')}${where}`;
}

function simulatedLines({ target, twin, points }: StudySummary): readonly string[] {
  if (target === 'cluster') return [];
  if (target === 'simulated') return [simulatedLine(twin)];
  const own = points.filter((point) => point.target === 'simulated');
  const names = [...new Set(own.map(({ cluster }) => cluster))].join(', ');
  return [`SIMULATED clusters, of which no hardware was measured: ${names}.`];
}

function columns({ vary, points }: StudySummary): readonly TextColumn[] {
  return [
    ...Object.keys(vary).map((path): TextColumn => ({ title: path, align: 'left' })),
    ...(hasClusters(points) ? [{ title: 'cluster', align: 'left' } as const] : []),
    { title: 'runs', align: 'right' },
    { title: 'last of a wave, s', align: 'right' },
    { title: 'a second', align: 'right' },
    { title: 'bounds', align: 'right' },
    { title: 'p95, s', align: 'right' },
    { title: 'of', align: 'left', isOptional: true },
  ];
}

function pointRow(point: StudyPoint, { vary, curves, points }: StudySummary) {
  const { set, runs, load } = point;
  const quoted = quotedMetric(point);
  const curve = curves.find((each) => isOnCurve(each, point));
  return {
    cells: [
      ...Object.keys(vary).map((path) => set[path] ?? ''),
      ...(hasClusters(points) ? [point.cluster ?? ''] : []),
      String(runs),
      numberWithInterval(load?.seconds),
      numberWithInterval(load?.perSecond),
      boundText(curve, load?.operations),
      numberWithInterval(quoted?.p95 satisfies Estimate | undefined),
      quoted === undefined ? '' : metricText(quoted.metric),
    ],
  };
}

/** What the two asymptotes allow at this load. */
function boundText(curve: StudyCurve | undefined, operations: number | undefined): string {
  if (curve === undefined || operations === undefined || 'none' in curve.bounds) return '';
  const { unloaded, ceiling } = curve.bounds;
  return plainFigure(Math.min(operations / unloaded, ceiling));
}

function lawLines(curve: StudyCurve, points: readonly StudyPoint[]): readonly string[] {
  const { law } = curve;
  if (law === undefined) return points.length < 4 ? [] : ['', 'Scalability law: no fit'];
  const { gamma, sigma, kappa, standardErrors } = law.fit;
  const shares = law.residuals.map((each) => `${(each * 100).toFixed(1)} %`);
  const name = pointName(curve);
  const where = name === '' ? '' : ` (${name})`;
  const error = (i: 0 | 1 | 2) => standardErrors[i].toPrecision(2);
  const ceiling =
    law.ceiling === undefined ? 'no ceiling' : `ceiling ${plainFigure(law.ceiling)}/s`;
  const peak = law.peak === undefined ? (law.noPeak ?? '') : `peak at ${plainFigure(law.peak)}`;
  return [
    '',
    `Scalability law${where}: gamma ${plainFigure(gamma)} (se ${error(0)}), sigma ` +
      `${sigma.toPrecision(3)} (se ${error(1)}), kappa ${kappa.toPrecision(2)} (se ${error(2)}); ` +
      `${ceiling}; ${peak}; residuals ${shares.join(', ')}`,
  ];
}

function failureLines(points: readonly StudyPoint[]): readonly string[] {
  const lines = points.flatMap((point) =>
    point.failures.map((failure) => `- ${[pointName(point), failure].filter(Boolean).join(': ')}`),
  );
  return lines.length === 0 ? [] : ['', 'Points that did not go well:', ...lines];
}
