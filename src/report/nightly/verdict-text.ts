/**
 * The words of a nightly verdict, shared by all its forms: terminal, Markdown, JUnit and
 * annotations say the same thing in the same order.
 */

import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import type { Difference } from '../../compare/nightly/blame.ts';
import type { LevelVerdict } from '../../compare/nightly/service-levels.ts';
import type {
  ChangeVerdict,
  NightlyVerdict,
  SeriesState,
  SeriesVerdict,
  VerdictWord,
} from '../../compare/nightly/verdict.ts';
import type { PartShift, StageShift } from '../../compare/nightly/whereabouts.ts';
import { secondsNumber, secondsText, withInterval } from '../wording/numbers.ts';

export const VERDICT_WORDS: Readonly<Record<VerdictWord, string>> = {
  invalid: 'INVALID',
  incomplete: 'INCOMPLETE',
  sloMissed: 'LIMIT MISSED',
  regression: 'REGRESSION',
  suspect: 'SUSPECT',
  learning: 'LEARNING',
  pass: 'PASS',
};

export const STATE_WORDS: Readonly<Record<SeriesState, string>> = {
  regressed: 'worse',
  suspect: 'suspect',
  acknowledged: 'acknowledged',
  improved: 'better',
  unusual: 'odd (better)',
  learning: 'learning',
  stable: 'on its level',
};

/** States that are worth a line of their own. */
export const NEWS: readonly SeriesState[] = [
  'regressed',
  'suspect',
  'acknowledged',
  'improved',
  'unusual',
];

/** `nightly, run seed-31 on SIMULATED environment article`. */
export function runText({ run, environment }: NightlyVerdict): string {
  const where = run.target === 'simulated' ? 'SIMULATED environment' : 'cluster';
  const on = environment === undefined ? '' : ` on ${where} ${environment.name}`;
  return `${run.scenario}, run ${run.id}${on}`;
}

/** `guestReady p95 rhel9`, with its step where asked for. */
export function figureText(
  { metric, statistic, image, source, template }: Omit<SeriesVerdict, 'state'> | LevelVerdict,
  step?: string,
): string {
  const variant = [image ?? template, source].filter((part) => part !== undefined).join(' ');
  const what = `${metric} ${statistic === 'successShare' ? 'success' : statistic}`;
  const own = variant === '' ? what : `${what} ${variant}`;
  return step === undefined ? own : `${own}, step ${step}`;
}

/** What the value was before, as far as that is known: the level, or what was expected. */
export function beforeText({ change, expected, statistic }: SeriesVerdict): string {
  if (change !== undefined) return valueText(change.before, statistic);
  return expected === undefined ? '-' : valueText({ value: expected.value }, statistic);
}

/** The new level where there is one, else tonight's value. */
export function nowText({ change, state, tonight, statistic }: SeriesVerdict): string {
  const isLevel = change?.after !== undefined && state !== 'suspect';
  return valueText(isLevel ? change.after : tonight, statistic);
}

/** `+48 %`; empty where there is nothing to compare. */
export function changeText({ change, expected, state, tonight }: SeriesVerdict): string {
  if (change?.ratio !== undefined && state !== 'suspect') return percentText(change.ratio);
  if (!('value' in tonight)) return 'not reached';
  return expected === undefined || expected.value === 0
    ? ''
    : percentText(tonight.value / expected.value);
}

/** `35.9 s -> 54.0 s, +50 %, 4 nights`. */
export function movedText(figure: SeriesVerdict): string {
  const moved = `${beforeText(figure)} -> ${nowText(figure)}`;
  return [moved, changeText(figure), sinceText(figure)].filter((part) => part !== '').join(', ');
}

/** `4 nights`, `tonight`; empty where nothing moved. */
export function sinceText({ change, state }: SeriesVerdict): string {
  if (state === 'stable' || state === 'learning') return '';
  if (change === undefined || state === 'suspect') return 'tonight';
  return change.nights === 1 ? 'tonight' : `${change.nights} nights`;
}

/** Where a change shows, in half sentences; empty where nothing is known. */
export function whereText({ where }: SeriesVerdict): string {
  if (where === undefined) return '';
  const { stage, wave, node } = where;
  return [
    ...(stage === undefined ? [] : [stageText(stage)]),
    ...(wave === undefined ? [] : [partText('wave', wave)]),
    ...(node === undefined ? [] : [partText('node', node)]),
  ].join('; ');
}

/** `between run a (2026-09-01) and run b (2026-09-02): qps 5 -> 2.5`; empty where not known. */
export function blameText({ blame }: SeriesVerdict): string {
  if (blame === undefined) return '';
  const { lastGood, firstBad, differences, nearby } = blame;
  const [good, bad] = [lastGood, firstBad].map(
    ({ run, started }) => `${run} (${formatDay(started)})`,
  );
  const between = `between run ${good} and run ${bad}`;
  if (differences.length > 0) return `${between}: ${differenceText(differences)}`;
  const about =
    nearby.length === 0 ? '' : ` (within two nights of them: ${differenceText(nearby)})`;
  return `${between}: nothing that is recorded differs${about}`;
}

const MAX_DIFFERENCES = 6;

/** `qps 5 -> 2.5, bench.commit a1 -> b2`. */
export function differenceText(differences: readonly Difference[]): string {
  const shown = differences
    .slice(0, MAX_DIFFERENCES)
    .map(({ fact, before, after }) => `${fact} ${before ?? 'absent'} -> ${after ?? 'absent'}`);
  const more = differences.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** `p 1e-9, q 3e-8`. */
export function evidenceText({ p, q }: ChangeVerdict): string {
  return `p ${shortP(p)}, q ${shortP(q)}`;
}

/** `clone p95 rhel9 snapshot, step clones: 61.2 s (60.1-62.0), limit 60 s`. */
export function levelText(level: LevelVerdict): string {
  const limit = `limit ${secondsText(level.limitSeconds)}`;
  const figure = figureText(level, level.step);
  if (level.estimate === undefined) return `${figure}: the run has no such figure, ${limit}`;
  const basis = level.judgedOn === 'value' ? ', judged without an interval' : '';
  return `${figure}: ${valueText(level.estimate)}, ${limit}${basis}`;
}

/** `32.1 s (31.0-33.2)`, `99.0 %`, `> 600 s`, `never`. */
export function valueText(estimate: Estimate | PointEstimate, statistic = 'p50'): string {
  if (statistic === 'successShare' && 'value' in estimate) {
    return `${(100 * estimate.value).toFixed(1)} %`;
  }
  return withInterval(estimate);
}

/** The date of an RFC 3339 time. */
export function formatDay(started: string): string {
  return started.slice(0, 10);
}

function percentText(ratio: number): string {
  const percent = 100 * (ratio - 1);
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(digits)} %`;
}

function stageText({ stage, before, after, share }: StageShift): string {
  const part = `${Math.round(100 * share)} % of it in stage ${stage}`;
  return `${part} (${secondsNumber(before)} -> ${secondsText(after)})`;
}

/** Waves are counted from 1, as in the tables. */
function partText(kind: 'wave' | 'node', { name, before, after, of, pattern }: PartShift): string {
  if (pattern === 'alike') return `all ${of} ${kind}s alike`;
  if (pattern === 'scattered') return `no single ${kind} of ${of} stands out`;
  const which = kind === 'wave' ? Number(name) + 1 : name;
  return `most in ${kind} ${which} of ${of} (${secondsNumber(before)} -> ${secondsText(after)})`;
}

function shortP(p: number): string {
  return p === 0 || p >= 0.001 ? String(Number(p.toFixed(3))) : p.toExponential(0);
}
