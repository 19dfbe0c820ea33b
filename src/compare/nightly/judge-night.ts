/**
 * The nightly verdict, decided: data quality, then the scenario's limits, then the tripwire, then
 * each figure's level followed over the whole series, the gated figures as one family. Pure: the
 * history, the acknowledgements and the run come in, the verdict goes out; whether the night is
 * then added is the caller's business (`mayBeAdded`).
 */

import type { Summary } from '../../analyse/summary.ts';
import { EXIT } from '../../core/exit-code.ts';
import { HEADLINE_METRICS } from '../../catalogue/metric-sets.ts';
import type { Manifest } from '../../record/manifest.ts';
import type { DetectorOptions } from '../change-points/detect-change-points.ts';
import { isSameSeries, type Night, nightsBefore } from '../history/night.ts';
import type { History } from '../history/store.ts';
import { type Acknowledgement, checkAcknowledgements } from './acknowledgements.ts';
import { factDifferences, recordDifferences } from './blame.ts';
import {
  placeInHistory,
  type QualityFinding,
  runQuality,
  unreadableNights,
} from './data-quality.ts';
import {
  type GatedSeries,
  gatedSeries,
  LATENCY_TOLERANCE,
  type Tolerance,
} from './gated-series.ts';
import { feltNews } from './felt-context.ts';
import { judgeFeltLimits } from './felt-levels.ts';
import { judgeFamily, type SeriesFinding } from './judge-series.ts';
import { seriesVerdict } from './series-verdict.ts';
import { judgeServiceLevels } from './service-levels.ts';
import { SERIES_STATES, type SeriesVerdict } from './verdict.ts';
import type { NewSeries, NightlyVerdict, VerdictWord } from './verdict.ts';
import { VERDICT_SCHEMA } from './verdict.ts';
import { chooseExitCode, headline, verdictWord } from './verdict-word.ts';

export interface NightInput {
  readonly tonight: Night;
  readonly summary: Summary;
  readonly manifest: Manifest;
  readonly history: History;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly options: NightOptions;
}

export interface NightOptions {
  /** Judge without adding: a run that is in the history is judged again as on its night. */
  readonly dryRun: boolean;
  /** Suspicion, learning and doubts count too. */
  readonly strict: boolean;
  /** A new series is expected. */
  readonly newSeries?: boolean | undefined;
  readonly tolerance?: Tolerance;
  /** How changes of level are found; its own limit of magnitude gives way to the tolerance's. */
  readonly detector?: DetectorOptions;
}

/** Judges tonight. `history.added` says whether the night may be added, and is to be. */
export function judgeNight(input: NightInput): NightlyVerdict {
  const { tonight, summary, manifest, history, options } = input;
  const nights = history.nights.map(({ night }) => night);
  const ofSeries = history.nights.filter(({ night }) => isSameSeries(night, tonight));
  const series = nightsBefore(ofSeries, tonight.run).map(({ night }) => night);
  const ofRun = judgeQuality(input, series);
  const found = ofRun.every(isDoubt) ? findingsOn(input, series) : [];
  const acks = checkAcknowledgements(input.acknowledgements, found, tonight.scenario);
  const quality = [...ofRun, ...acks.problems.map(wrongAcknowledgement)];
  const isSound = quality.every(isDoubt);
  const levels = [
    ...judgeServiceLevels(tonight, manifest.slo ?? []),
    ...judgeFeltLimits(summary.felt ?? [], manifest.feltLimits ?? []),
  ];
  const figures = isSound ? verdictsOn(found, input) : [];
  const newSeries = series.length === 0 ? whyNew(nights, tonight) : undefined;
  const findings = { quality, levels, figures };
  const word = verdictWord(findings, options.strict);
  const broken = word === 'learning' && !options.newSeries ? establishedBefore(newSeries) : 0;
  const again = isAgain(nights, tonight);
  const news = feltNews(tonight, series);
  const [first] = series;
  return {
    schema: VERDICT_SCHEMA,
    verdict: word,
    exitCode: broken > 0 ? EXIT.invalid : chooseExitCode(findings, options.strict),
    headline: broken > 0 ? brokenText(broken) : headline(word, findings, series.length),
    run: describeRun(tonight, summary),
    environment: readEnvironment(tonight),
    history: {
      nights: series.length,
      ...(first === undefined ? {} : { since: first.started }),
      added: isSound && !options.dryRun && !again,
      ...(newSeries === undefined ? {} : { newSeries }),
      problems: history.problems,
    },
    quality,
    serviceLevels: levels,
    series: figures,
    ...(news.length === 0 ? {} : { felt: news }),
    notes: [...(again ? [AGAIN] : []), ...listNotes(word, input, newSeries), ...acks.unneeded],
  };
}

/** The verdict on a run that cannot be placed in any series. */
export function unplacedNight(
  { run }: Pick<Summary, 'run'>,
  problems: readonly string[],
): NightlyVerdict {
  const quality = problems.map((message): QualityFinding => {
    return { check: 'manifest', severity: 'invalid', message };
  });
  const findings = { quality, levels: [], figures: [] };
  const { id, scenario, target, seed, outcome } = run;
  return {
    schema: VERDICT_SCHEMA,
    verdict: 'invalid',
    exitCode: chooseExitCode(findings, false),
    headline: headline('invalid', findings, 0),
    run: { id, scenario, target, seed, outcome },
    history: { nights: 0, added: false, problems: [] },
    quality,
    serviceLevels: [],
    series: [],
    notes: ['the night was not added to the history'],
  };
}

const AGAIN = 'this night is in the history already, and counts once';

/** After a kill, or a mistyped option, the same command is given again: that is no error. */
function isAgain(nights: readonly Night[], tonight: Night): boolean {
  return listTwins(nights, tonight).some(({ started }) => started === tonight.started);
}

function listTwins(nights: readonly Night[], tonight: Night): readonly Night[] {
  return nights.filter((night) => isSameSeries(night, tonight) && night.run === tonight.run);
}

function judgeQuality(
  { tonight, summary, manifest, history }: NightInput,
  before: readonly Night[],
): readonly QualityFinding[] {
  const own = runQuality(summary, manifest);
  // What a run that was cut off lacks is no news.
  if (own.some(({ severity }) => severity === 'incomplete')) return own;
  const all = history.nights.map(({ night }) => night);
  const twins = listTwins(all, tonight);
  const place = placeInHistory(tonight, [...before, ...twins]);
  const again = isAgain(all, tonight);
  const known = place.filter(({ check }) => !(again && check === 'duplicate'));
  return [...own, ...known, ...unreadableNights(history.problems)];
}

/** Latencies that are gated are one family, shares another; what is only context is a third. */
function findingsOn(input: NightInput, before: readonly Night[]): readonly SeriesFinding[] {
  const { tonight, options } = input;
  const all = gatedSeries(tonight, options.tolerance ?? LATENCY_TOLERANCE);
  const isShare = ({ key }: GatedSeries) => key.statistic === 'successShare';
  const families = [
    all.filter((one) => one.isGated && !isShare(one)),
    all.filter((one) => one.isGated && isShare(one)),
    all.filter(({ isGated }) => !isGated),
  ];
  const nights = [...before, tonight];
  return families.flatMap((family) => judgeFamily(family, nights, options.detector));
}

function verdictsOn(
  findings: readonly SeriesFinding[],
  { acknowledgements, tonight }: NightInput,
): readonly SeriesVerdict[] {
  const own = acknowledgements.filter(
    ({ scenario }) => scenario === undefined || scenario === tonight.scenario,
  );
  return findings.map((finding) => seriesVerdict(finding, own)).sort(gravestFirst);
}

function isDoubt({ severity }: QualityFinding): boolean {
  return severity === 'doubt';
}

function wrongAcknowledgement(message: string): QualityFinding {
  return { check: 'acknowledgement', severity: 'invalid', message };
}

/** Of what is as grave, first the figures that people quote. */
function gravestFirst(a: SeriesVerdict, b: SeriesVerdict): number {
  const rank = SERIES_STATES.indexOf(a.state) - SERIES_STATES.indexOf(b.state);
  const quoted = Number(QUOTED.has(b.metric)) - Number(QUOTED.has(a.metric));
  return Number(b.gated) - Number(a.gated) || rank || quoted || growth(b) - growth(a);
}

/** A series may be of a metric of another version. */
const QUOTED: ReadonlySet<string> = HEADLINE_METRICS;

/** How far it moved: a ratio of at least 1, in per mille, so that rounding decides no order. */
function growth({ change, expected, tonight }: SeriesVerdict): number {
  const value = 'value' in tonight ? tonight.value : Number.POSITIVE_INFINITY;
  const ratio = change?.ratio ?? (expected === undefined ? 1 : value / expected.value);
  if (!Number.isFinite(ratio)) return Number.MAX_VALUE;
  return ratio > 0 ? Math.round(1000 * Math.max(ratio, 1 / ratio)) : 1000;
}

/** So many nights make a series that nobody lets end unnoticed. */
const ESTABLISHED_NIGHTS = 5;

/** Nights of the established series that ends with tonight; 0 where there is none. */
function establishedBefore(newSeries: NewSeries | undefined): number {
  const { after = 0 } = newSeries ?? {};
  return after >= ESTABLISHED_NIGHTS ? after : 0;
}

function brokenText(nights: number): string {
  return (
    `a new series begins after one of ${nights} nights, so that nothing is judged tonight ` +
    '(--new-series: it is meant)'
  );
}

function whyNew(nights: readonly Night[], tonight: Night): NewSeries {
  const others = nights.filter(({ run }) => run !== tonight.run);
  const elsewhere = others.findLast((night) => night.scenarioHash === tonight.scenarioHash);
  if (elsewhere !== undefined) {
    const differences = recordDifferences(
      elsewhere.environment.identity,
      tonight.environment.identity,
    );
    const isSamePlace = elsewhere.environment.name === tonight.environment.name;
    const after = isSamePlace ? { after: countSeries(others, elsewhere) } : {};
    return { because: 'environment', differences, ...after };
  }
  const before = others.findLast(({ scenario }) => scenario === tonight.scenario);
  if (before === undefined) return { because: 'first', differences: [] };
  const after = countSeries(others, before);
  return { because: 'scenario', differences: factDifferences(before, tonight), after };
}

function countSeries(nights: readonly Night[], night: Night): number {
  return nights.filter((each) => isSameSeries(each, night)).length;
}

function describeRun(tonight: Night, { run }: Summary): NightlyVerdict['run'] {
  const { scenario, scenarioHash, target, seed, started } = tonight;
  return { id: tonight.run, scenario, scenarioHash, target, seed, outcome: run.outcome, started };
}

function readEnvironment({ environment }: Night) {
  const { name, fingerprint, identity } = environment;
  return { name, fingerprint, identity };
}

function listNotes(
  word: VerdictWord,
  { tonight, history, options }: NightInput,
  newSeries: NewSeries | undefined,
): readonly string[] {
  const others = new Set(
    history.nights
      .filter(({ night }) => !isSameSeries(night, tonight))
      .map(({ night }) => `${night.scenarioHash}/${night.environment.fingerprint}`),
  ).size;
  const isSound = word !== 'invalid' && word !== 'incomplete';
  return [
    ...(newSeries === undefined ? [] : [newSeriesNote(newSeries, tonight)]),
    ...(others === 0 ? [] : [`the history also holds ${others} other series, left alone`]),
    ...(options.dryRun ? ['dry run: the night was not added'] : []),
    ...(isSound || options.dryRun ? [] : ['the night was not added to the history']),
  ];
}

function newSeriesNote({ because, differences }: NewSeries, tonight: Night): string {
  if (because === 'first') return `the first night of scenario ${tonight.scenario}`;
  const shown = differences.filter(({ fact }) => because !== 'scenario' || isOfScenario(fact));
  const changed = shown
    .map(({ fact, before, after }) => `${fact} ${before ?? 'absent'} -> ${after ?? 'absent'}`)
    .join(', ');
  if (because === 'environment') {
    return `the environment has changed (${changed}): a new series begins`;
  }
  const what = changed === '' ? '' : ` (${changed})`;
  return `the scenario has changed what it measures${what}: a new series begins`;
}

function isOfScenario(fact: string): boolean {
  return fact.startsWith('scenario.');
}
