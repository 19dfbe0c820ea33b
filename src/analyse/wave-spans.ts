/**
 * Wave figures: the longest span of each wave, and its makespan. A wave is only as good as its
 * worst object, so a wave with a failed object has failed, and one with a censored object is
 * censored; leaving those out would make waves look shorter.
 */

import { PURPOSES } from '../catalogue/milestone-marks.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import { verbFacts } from '../catalogue/verbs.ts';
import { OUTAGE } from '../record/past-sessions.ts';
import type { Sighting } from '../record/object-table.ts';
import type { Operation, Run, RunWave } from '../record/run.ts';
import { lastStage, milestoneSighting } from './milestone-sighting.ts';
import type { FiledValue } from './samples.ts';
import { metricFacts } from '../catalogue/metric-sets.ts';
import { type Dimensions, momentAt, observeSpan, type Span } from './span.ts';
import { dimensionKey, getEnding, type Measured } from './spans.ts';
import type { Observation } from './statistics/observation.ts';
import type { Subjects } from './subjects.ts';

/** The longest span of each wave and dimension set. */
export function longestSpans(spans: readonly Span[]): readonly FiledValue[] {
  const values = spans.flatMap(({ metric, dimensions, operation, outcome }) => {
    const { longest } = metricFacts(metric);
    if (longest === undefined) return [];
    const { step, wave } = operation;
    return [{ metric: longest, dimensions, step, wave, outcome }];
  });
  return worstOfEach(values);
}

/** For each operation: from its wave's release to its milestone, filed by the step's variant. */
export function goalValues(run: Run, measured: readonly Measured[]): readonly FiledValue[] {
  const waves = new Map(run.waves.map((wave) => [`${wave.step}/${wave.index}`, wave]));
  return measured.flatMap((one) => {
    const wave = waves.get(`${one.operation.step}/${one.operation.wave}`);
    return wave === undefined ? [] : [goalValue(run, wave, one)];
  });
}

/** Per metric, wave and dimension set: the worst outcome. */
export function worstOfEach(values: readonly FiledValue[]): readonly FiledValue[] {
  const worst = new Map<string, FiledValue>();
  for (const value of values) {
    const key = `${value.metric}/${value.step}/${value.wave}/${dimensionKey(value.dimensions)}`;
    const known = worst.get(key);
    const outcome = known === undefined ? value.outcome : worse(known.outcome, value.outcome);
    worst.set(key, { ...value, outcome });
  }
  return [...worst.values()];
}

function goalValue(run: Run, wave: RunWave, { operation, subjects }: Measured): FiledValue {
  const goal = chooseGoal(operation, subjects.step.until);
  const to =
    goal === 'until'
      ? lastStage(subjects.step, operation)
      : milestoneSighting(run.objects, subjects, goal);
  const ending = getEnding(run, operation, undefined);
  return {
    metric: 'waveMakespan',
    dimensions: variantDimensions(subjects, operation.verb === 'create'),
    step: wave.step,
    wave: wave.index,
    outcome: observeSpan(releaseMoment(run, wave, operation), to, ending),
  };
}

/**
 * Where the run was away between the release and the sending, nobody can say what the wave would
 * have taken without: somewhere between all of the outage and none of it.
 */
function releaseMoment({ gaps }: Run, { releaseUs }: RunWave, { sentUs }: Operation): Sighting {
  const outages = gaps.filter(
    ({ cause, from, t }) => cause === OUTAGE && from >= releaseUs && t <= sentUs,
  );
  if (outages.length === 0) return momentAt(releaseUs);
  const lengths = new Map(outages.map(({ from, t }) => [from, t - from]));
  const awayUs = [...lengths.values()].reduce((sum, us) => sum + us, 0);
  return { afterUs: releaseUs, atUs: releaseUs + awayUs };
}

/** Where the step waits for nothing, what its operations are naturally for. */
function chooseGoal({ verb, kind }: Operation, until: Milestone): Milestone {
  if (until !== 'none') return until;
  return verbFacts(verb).purpose ?? PURPOSES[kind] ?? 'provisioned';
}

/** Where a disk came from matters to what fills it, and to nothing later. */
function variantDimensions({ step, variant }: Subjects, isFilled: boolean): Dimensions {
  const { image, source, template } = variant;
  return {
    step: step.name,
    ...(image === undefined ? {} : { image }),
    ...(source === undefined || !isFilled ? {} : { source }),
    ...(image !== undefined || template === undefined ? {} : { template }),
  };
}

/** The outcome of what is over only when both are. */
function worse(a: Observation, b: Observation): Observation {
  if (a.state === 'failed' || b.state === 'failed') return { state: 'failed' };
  if (a.state === 'reached' && b.state === 'reached') {
    return { state: 'reached', lo: Math.max(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
  }
  return { state: 'censored', at: Math.max(knownUs(a), knownUs(b)) };
}

/** The maximum has surely not been reached before this. */
function knownUs(outcome: Observation): number {
  if (outcome.state === 'failed') return Number.POSITIVE_INFINITY;
  return outcome.state === 'reached' ? outcome.lo : outcome.at;
}
