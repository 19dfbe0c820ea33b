/**
 * The words of a nightly verdict, shared by all its forms: terminal, Markdown, JUnit and
 * annotations say the same thing in the same order.
 */

import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import { keyText } from '../../compare/history/series.ts';
import type { Difference } from '../../compare/nightly/blame.ts';
import type { FeltNews } from '../../compare/nightly/felt-context.ts';
import type { LevelVerdict } from '../../compare/nightly/service-levels.ts';
import type {
  ChangeVerdict,
  NightlyVerdict,
  SeriesState,
  SeriesVerdict,
  VerdictWord,
} from '../../compare/nightly/verdict.ts';
import type { PartShift, StageShift } from '../../compare/nightly/whereabouts.ts';
import { figureName, stageText } from '../../catalogue/names.ts';
import { HOUR } from '../../core/duration.ts';
import { parseRfc3339, rfc3339Micro } from '../../core/time-text.ts';
import {
  countedText,
  measuredText,
  secondsNumber,
  secondsText,
  withInterval,
} from '../wording/numbers.ts';

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
  confirmed: 'worse tonight',
  suspect: 'suspect',
  recovering: 'back tonight',
  acknowledged: 'acknowledged',
  notRepeated: 'not repeated',
  improved: 'better',
  unusual: 'odd (better)',
  learning: 'learning',
  stable: 'on its level',
};

/** States that are worth a line of their own. */
export const NEWS: readonly SeriesState[] = [
  'regressed',
  'confirmed',
  'suspect',
  'recovering',
  'acknowledged',
  'notRepeated',
  'improved',
  'unusual',
];

/** `nightly, run seed-31 on SIMULATED environment article`. */
export function runText({ run, environment }: NightlyVerdict): string {
  const where = run.target === 'simulated' ? 'SIMULATED environment' : 'cluster';
  const on = environment === undefined ? '' : ` on ${where} ${environment.name}`;
  return `${run.scenario}, run ${run.id}${on}`;
}

/** What the value was before, as far as that is known: the level, or what was expected. */
export function beforeText({ change, expected, statistic }: SeriesVerdict): string {
  if (change !== undefined) return valueText(change.before, statistic);
  return expected === undefined ? '-' : valueText({ value: expected.value }, statistic);
}

/** The new level where there is one, else tonight's value. */
export function nowText({ change, state, tonight, statistic }: SeriesVerdict): string {
  const isLevel = change?.after !== undefined && !isOfTonight(state);
  return valueText(isLevel ? change.after : tonight, statistic);
}

/** `+48 %`; empty where there is nothing to compare. */
export function changeText({ change, expected, state, tonight }: SeriesVerdict): string {
  if (change?.ratio !== undefined && !isOfTonight(state)) return percentText(change.ratio);
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

/** States that tonight's value decides, and not the level of the newest nights. */
function isOfTonight(state: SeriesState): boolean {
  return ['suspect', 'confirmed', 'notRepeated', 'recovering'].includes(state);
}

/** `4 nights`, `tonight`; empty where nothing moved. */
export function sinceText({ change, state, repeats }: SeriesVerdict): string {
  if (state === 'stable' || state === 'learning') return '';
  if (repeats !== undefined) return `tonight, in ${repeats.beyond} of ${repeats.of} runs`;
  if (change === undefined || state === 'suspect') return 'tonight';
  if (change.direction === 'better') return nightsText(change.nights);
  return change.nights === 1 ? 'tonight' : `open for ${nightsText(change.nights)}`;
}

/** `tonight 53.1 s`, where the level of the newest nights is told beside it; else empty. */
export function tonightText({ change, state, tonight, statistic }: SeriesVerdict): string {
  if (change === undefined || isOfTonight(state)) return '';
  return `tonight ${valueText(tonight, statistic)}`;
}

function nightsText(nights: number): string {
  return nights === 1 ? 'tonight' : `${nights} nights`;
}

/** Where a change shows, in half sentences; empty where nothing is known. */
export function whereText({ where }: SeriesVerdict): string {
  if (where === undefined) return '';
  const { stage, wave, node } = where;
  return [
    ...(stage === undefined ? [] : [stageShiftText(stage)]),
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

const ACCEPTED_DAYS = 30;

/** An entry of an acknowledgement file for each first night of what got worse. */
export function snippetLines({ series, run }: NightlyVerdict): readonly string[] {
  const worse = series.filter(({ state, gated }) => state === 'regressed' && gated);
  const starts = new Set(worse.flatMap(({ blame }) => blame?.firstBad.run ?? []));
  const tonight = parseRfc3339(run.started ?? '');
  if (starts.size === 0 || tonight === undefined) return [];
  const until = formatDay(rfc3339Micro(tonight + ACCEPTED_DAYS * 24 * HOUR));
  const entries = [...starts].flatMap((since) => {
    const own = worse.filter(({ blame }) => blame?.firstBad.run === since);
    return [
      `  - since: ${plainYaml(since)} # ${own.map(figureName).join(', ')}`,
      `    scenario: ${plainYaml(run.scenario)}`,
      '    reason: why this is accepted',
      `    until: ${until}`,
    ];
  });
  return ['acknowledged:', ...entries];
}

/** Quoted where it could be read as something else than a word. */
function plainYaml(text: string): string {
  return /^[A-Za-z][\w.-]*$/.test(text) ? text : JSON.stringify(text);
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

/** What the night that confirmed it had: a search for the night of the change is allowed for. */
export function evidenceText({ p, q, kind, confirmedNights }: ChangeVerdict): string {
  if (kind === 'unreached') return 'values that are not reached are no matter of chance';
  const ago = confirmedNights - 1;
  const when = ago === 0 ? 'tonight' : `${countedText(ago, 'night')} ago`;
  const chance = `p ${shortP(p)} after the search for its start`;
  return `confirmed ${when}: ${chance}, q ${shortP(q)} over all figures`;
}

/** `RHEL 9 snapshot clone p95, step clones: 61.2 s (60.1-62.0), limit 60 s`. */
export function levelText(level: LevelVerdict): string {
  const { unit, limit: amount = 0, limitSeconds = 0 } = level;
  const most = unit === undefined ? secondsText(limitSeconds) : measuredText(amount, unit);
  const limit = `limit ${most}`;
  const figure = keyText(level);
  if (level.estimate === undefined) return `${figure}: the run has no such figure, ${limit}`;
  const basis = level.judgedOn === 'value' ? ', judged without an interval' : '';
  const { estimate } = level;
  const isFelt = unit !== undefined && 'value' in estimate;
  // Of what the cluster felt there is one figure a run, and no interval to miss.
  if (isFelt) return `${figure}: ${measuredText(estimate.value, unit)}, ${limit}`;
  return `${figure}: ${valueText(estimate)}, ${limit}${basis}`;
}

/** `API server p99, step boots: at most 2.50 s (0.150 s to 0.170 s in 7 nights before)`. */
export function feltText({ step, name, unit, tonight, before }: FeltNews): string {
  const [lo, hi] = [measuredText(before.lo, unit), measuredText(before.hi, unit)];
  const range = `${lo} to ${hi} in ${countedText(before.nights, 'night')} before`;
  return `${name}, step ${step}: at most ${measuredText(tonight, unit)} (${range})`;
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

function stageShiftText({ stage, of, before, after, share }: StageShift): string {
  const part = `${Math.round(100 * share)} % of it in stage ${stageText(of, stage)}`;
  return `${part} (${secondsNumber(before)} -> ${secondsText(after)})`;
}

/** Waves are counted from 1, as in the tables. */
function partText(kind: 'wave' | 'node', { name, before, after, of, pattern }: PartShift): string {
  if (pattern === 'alike') return `all ${of} ${kind}s alike`;
  if (pattern === 'scattered') return `no single ${kind} of ${of} stands out`;
  const which = kind === 'wave' ? Number(name) + 1 : name;
  const moved = `${secondsNumber(before)} -> ${secondsText(after)}`;
  return `most in ${kind} ${which} (${moved}), unlike the other ${of - 1}`;
}

function shortP(p: number): string {
  return p === 0 || p >= 0.001 ? String(Number(p.toFixed(3))) : p.toExponential(0);
}
