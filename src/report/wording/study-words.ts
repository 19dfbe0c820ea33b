/** What a study answers, in sentences: on the terminal and on the page. */

import { pointName, quotedMetric, setKey } from '../../compare/study-point.ts';
import { figureName } from '../../catalogue/names.ts';
import { MIN_CLUSTERS } from '../../analyse/statistics/over-clusters.ts';
import type { Knee, StudyCurve, StudySummary } from '../../compare/study-summary.ts';
import { isMoving, LITTLE, type Sensitivity } from '../../compare/study-sensitivity.ts';
import { levelLines } from './level-text.ts';
import {
  countText,
  countedText,
  estimateNumber,
  estimateText,
  listText,
  percentText,
  plainFigure,
  withInterval,
} from './numbers.ts';

/** The answers of a study, a sentence each, the one that was asked for first. */
export function studyAnswers(summary: StudySummary): readonly string[] {
  const { answer, curves, knee, pooled } = summary;
  const level = answer === undefined ? [] : levelLines(answer);
  const sensitive = summary.sensitivity?.map(sensitivityAnswer);
  if (sensitive !== undefined) return sensitive;
  const others = [...level, ...fleetAnswers(summary)];
  if (curves.length > 0) return [...others, ...curves.map(curveLine)];
  return answer === undefined && pooled === undefined ? [`Knee: ${kneeText(knee)}`] : others;
}

/** `RHEL 9 guest ready p95 (step boot rhel9)`: steps of one image are told apart. */
export function sensitiveFigure({ metric, dimensions }: Sensitivity): string {
  const { step, image, source } = dimensions;
  const name = figureName({ metric, image, source, statistic: 'p95' });
  return step === undefined ? name : `${name} (step ${step})`;
}

/** How many of the bars are named. */
const NAMED = 3;

export function sensitivityAnswer(sensitivity: Sensitivity): string {
  const { base, bars } = sensitivity;
  const moving = bars.filter(isMoving);
  const named = moving.slice(0, NAMED).map(({ path, low, high, swing }) => {
    const name = path.replace(/^simulation\./, '');
    const ends = `${estimateNumber(low.p95)} s at ${low.value}, ${estimateNumber(high.p95)} s`;
    const share = swing === undefined ? '' : `${percentText(swing)}, `;
    return `${name} (${share}${ends} at ${high.value})`;
  });
  const rest = `${bars.length - moving.length} of ${countedText(bars.length, 'constant')}`;
  const most = named.length === 0 ? 'by nothing' : `most by ${listText(named)}`;
  return (
    `${sensitiveFigure(sensitivity)}, ${estimateText(base)}, is moved ${most}; ${rest} ` +
    `move it by less than ${percentText(LITTLE)}`
  );
}

function curveLine(curve: StudyCurve): string {
  const { bounds, path } = curve;
  const name = pointName(curve);
  const where = name === '' ? '' : ` (${name})`;
  if ('none' in bounds) return `Knee of ${path}${where}: ${bounds.none}`;
  const { unloaded, ceiling } = bounds;
  return (
    `Knee of ${path}${where}: ${kneeText(curve.knee)}: below it ` +
    `${plainFigure(unloaded)} s whatever the load, above it ${plainFigure(ceiling)} a second`
  );
}

function kneeText(knee: Knee): string {
  if ('none' in knee) return knee.none;
  const { value, lo, hi, method } = knee;
  const ends = lo === undefined || hi === undefined ? '' : ` (${loadText(lo)}-${loadText(hi)})`;
  return `about ${loadText(value)}${ends}, by ${method}`;
}

/** So many operations at once: none of them comes in parts. */
export function loadText(operations: number): string {
  return countText(Math.round(operations));
}

/** A sentence for each point that has several clusters. */
export function fleetAnswers({ pooled = [] }: StudySummary): readonly string[] {
  return pooled.flatMap((pool) => {
    const quoted = quotedMetric(pool);
    if (quoted === undefined) return [];
    const { metric, p95, slowest, fastest, betweenShare } = quoted;
    const where = setKey(pool.set) === '' ? '' : ` (${setKey(pool.set)})`;
    const kind = pool.target === 'simulated' ? 'simulated cluster' : 'cluster';
    const clusters = countedText(pool.clusters.length, kind);
    const few =
      pool.clusters.length < MIN_CLUSTERS ? `, no interval with fewer than ${MIN_CLUSTERS}` : '';
    const share =
      betweenShare === undefined
        ? ''
        : `; ${percentText(betweenShare)} of the variance lies between clusters`;
    return [
      `${figureName({ metric, statistic: 'p95' })} over ${clusters}${where}: ` +
        `${withInterval(p95)}${few}; slowest ${slowest.cluster}, ${withInterval(slowest.p95)}; ` +
        `fastest ${fastest.cluster}, ${withInterval(fastest.p95)}${share}`,
    ];
  });
}
