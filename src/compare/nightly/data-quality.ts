/**
 * Before any statistic: is tonight's run a night at all? A run whose figures cannot be trusted, or
 * whose place in the history cannot, gets no verdict and is not added. A figure that vanished is
 * not a figure that is fine.
 */

import type { Summary } from '../../analyse/summary.ts';
import { HEADLINE_METRICS, metricsWhere } from '../../catalogue/metric-sets.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import type { Manifest } from '../../record/manifest.ts';
import { compareStarts, type Night } from '../history/night.ts';
import type { HistoryProblem } from '../history/store.ts';
import { keyText, findPoint } from '../history/series.ts';
import { gatedSeries } from './gated-series.ts';

export interface QualityFinding {
  readonly check: QualityCheck;
  /** `invalid`: no verdict. `incomplete`: the run itself says that it is. `doubt`: a warning. */
  readonly severity: 'invalid' | 'incomplete' | 'doubt';
  readonly message: string;
}

type QualityCheck =
  | 'manifest'
  | 'outcome'
  | 'validity'
  | 'accounting'
  | 'positive'
  | 'empty'
  | 'clonePath'
  | 'eventLoop'
  | 'clock'
  | 'duplicate'
  | 'vanished'
  | 'acknowledgement'
  | 'history';

/** The delay of the event loop may reach this much, or this share of the median latency. */
const LOOP_LAG_SECONDS = 0.02;
const LOOP_LAG_SHARE = 0.01;

/** What the run says of itself. */
export function runQuality(summary: Summary, manifest: Manifest): readonly QualityFinding[] {
  return [
    ...outcome(summary),
    ...(summary.validity?.valid === false
      ? summary.validity.reasons.map((reason) => invalid('validity', reason))
      : []),
    ...accounting(summary),
    ...positive(summary),
    ...otherPaths(summary),
    ...eventLoop(summary, manifest),
  ];
}

/** What the nights of its series, oldest first, say of tonight. */
export function placeInHistory(
  tonight: Night,
  series: readonly Night[],
): readonly QualityFinding[] {
  return [...duplicate(tonight, series), ...clock(tonight, series), ...vanished(tonight, series)];
}

/** A night that cannot be read may be the one that would have told. */
export function unreadableNights(problems: readonly HistoryProblem[]): readonly QualityFinding[] {
  return problems.map(({ file, message }) => ({
    check: 'history',
    severity: 'doubt',
    message: `${file} ${message}; left out`,
  }));
}

function outcome({ run }: Summary): readonly QualityFinding[] {
  if (run.outcome === 'complete') return [];
  const why = run.reason === undefined ? '' : ` (${run.reason})`;
  const message = `the run is ${run.outcome}${why}`;
  return [{ check: 'outcome', severity: 'incomplete', message }];
}

function accounting({ metrics }: Summary): readonly QualityFinding[] {
  if (metrics.length === 0) return [invalid('empty', 'the run has no figures')];
  return metrics
    .filter(({ n, reached, failed, censored }) => n !== reached + failed + censored)
    .map(({ metric, dimensions, n, reached, failed, censored }) => {
      const sum = `${n} requested, but ${reached} + ${failed} + ${censored} accounted for`;
      return invalid('accounting', `${metric}, step ${dimensions.step}: ${sum}`);
    });
}

/** Nights are judged by them on a logarithmic scale. */
const GATED_LATENCIES = metricsWhere(({ gate, unit }) => gate !== 'never' && unit === 'seconds');

/** A latency of nothing at all is a missing value that passes for one. */
function positive({ metrics }: Summary): readonly QualityFinding[] {
  return metrics.flatMap(({ metric, dimensions, p50, p95, n }) => {
    if (!GATED_LATENCIES.has(metric)) return [];
    const where = `${metric}, step ${dimensions.step}`;
    if (n === 0) return [invalid('empty', `${where}: no values`)];
    const isOdd = [p50, p95].some((one) => 'value' in one && !(one.value > 0));
    return isOdd ? [invalid('positive', `${where}: a latency that is not positive`)] : [];
  });
}

/** Clones that CDI made another way are no values of the series; all of them, and it vanishes. */
function otherPaths({ metrics }: Summary): readonly QualityFinding[] {
  return metrics.flatMap(({ metric, dimensions: { path, step }, n }) => {
    if (metric !== 'clone' || path === undefined) return [];
    const message = `step ${step}: ${n} clones took another path than was asked for (${path})`;
    return [{ check: 'clonePath', severity: 'doubt', message } as const];
  });
}

function eventLoop({ metrics }: Summary, manifest: Manifest): readonly QualityFinding[] {
  const lagUs = manifest.finished?.loopLagUs?.p99;
  if (lagUs === undefined) return [];
  const medians = metrics.flatMap(({ metric, p50 }) =>
    HEADLINE_METRICS.has(metric) && 'value' in p50 ? [p50.value] : [],
  );
  const shortest = medians.length === 0 ? 0 : Math.min(...medians);
  const limit = Math.max(LOOP_LAG_SECONDS, LOOP_LAG_SHARE * shortest);
  const lag = lagUs / 1e6;
  if (lag <= limit) return [];
  const late = `${lag.toFixed(3)} s`;
  const message = `the event loop was ${late} late (p99): figures may be as much too high`;
  return [{ check: 'eventLoop', severity: 'doubt', message }];
}

function duplicate(tonight: Night, series: readonly Night[]): readonly QualityFinding[] {
  const twin = series.find(({ run }) => run === tonight.run);
  if (twin === undefined) return [];
  const message =
    twin.started === tonight.started
      ? 'is in the history already: a night counts once (--dry-run judges it again)'
      : `is another one in the history, started ${twin.started}: give runs their own ids`;
  return [invalid('duplicate', `run ${tonight.run} ${message}`)];
}

/** Tonight has to be the newest; runs that overlapped may come in any order. */
function clock(tonight: Night, series: readonly Night[]): readonly QualityFinding[] {
  const newest = series.at(-1);
  if (newest === undefined || newest.run === tonight.run) return [];
  if (compareStarts(tonight, newest) >= 0 || overlaps(tonight, newest)) return [];
  const message =
    `the run started ${tonight.started}, before the newest night of its series ` +
    `(run ${newest.run}, ${newest.started}): ` +
    'a clock went backwards, or nights are judged out of order; ' +
    'if that night is the wrong one, take its file out of the history';
  return [invalid('clock', message)];
}

/** It had not ended when the other one began. */
function overlaps(tonight: Night, newest: Night): boolean {
  const [ended, began] = [
    parseRfc3339(tonight.finished ?? tonight.started),
    parseRfc3339(newest.started),
  ];
  return ended !== undefined && began !== undefined && ended > began;
}

/** What the night before was judged on has to be there tonight. */
function vanished(tonight: Night, series: readonly Night[]): readonly QualityFinding[] {
  const last = series.findLast(({ run }) => run !== tonight.run);
  if (last === undefined) return [];
  return gatedSeries(last)
    .filter(({ key }) => findPoint(tonight, key) === undefined)
    .map(({ key }) => invalid('vanished', `${keyText(key)}: vanished, run ${last.run} had it`));
}

function invalid(check: QualityCheck, message: string): QualityFinding {
  return { check, severity: 'invalid', message };
}
