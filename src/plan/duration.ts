/**
 * How long a plan lasts, by waves that were measured or are expected (expected/): each planned wave
 * takes what waves of its step and size took, and the next follows after its pause. A size that
 * nobody measured is drawn from its neighbours, and beyond the greatest it is extrapolated, which
 * is said; a step that nobody measured counts as its schedule alone, which is said too.
 */

import { SECOND } from '../core/duration.ts';
import { stepGroups } from './groups.ts';
import type { PlanSummary, StepSummary, WaveStepSummary } from './summary.ts';

export interface MeasuredStep {
  readonly name: string;
  readonly kind: string;
  readonly waves: readonly MeasuredWave[];
  /** Of the step, for each of its operations; undefined where it cleaned up nothing. */
  readonly cleanupSeconds: number | undefined;
}

export interface MeasuredWave {
  readonly operations: number;
  /** From its release until the next could have been released. */
  readonly seconds: number;
}

export interface PlanDuration {
  readonly seconds: number;
  /** Were each wave as fast as the fastest of its size, or as slow as the slowest. */
  readonly least: number;
  readonly most: number;
  /**
   * Of each step that something is known of, from its first release until its clean-up is over; of
   * one that follows another wave by wave, how much longer it takes than that.
   */
  readonly steps: readonly { readonly index: number; readonly seconds: number }[];
  /** Steps that the run did not measure. */
  readonly unmeasured: readonly string[];
  /** Steps with greater waves than were measured. */
  readonly extrapolated: readonly string[];
}

/** `find` gives what is known of a step; undefined where that is nothing. */
export function planDuration(
  { steps }: PlanSummary,
  find: (step: WaveStepSummary) => MeasuredStep | undefined,
): PlanDuration {
  let total: Spread = NOTHING;
  const known: PlanDuration['steps'][number][] = [];
  const unmeasured: string[] = [];
  const extrapolated: string[] = [];
  const timeOf = (step: StepSummary): Spread => {
    if (step.kind === 'pause') return exact(step.durationUs / SECOND);
    const found = find(step);
    const time = stepTime(step, found);
    if (found === undefined) unmeasured.push(step.name);
    else known.push({ index: step.index, seconds: time.seconds });
    if (found !== undefined && isBeyond(step, found)) extrapolated.push(step.name);
    return time;
  };
  for (const group of stepGroups(steps)) {
    const times = new Map<string, Spread>();
    for (const step of group) {
      const before = step.kind !== 'pause' && step.pacing.loop === 'after' && step.pacing.step;
      const followed = before ? (times.get(before) ?? NOTHING) : NOTHING;
      times.set(step.name, add(followed, timeOf(step)));
    }
    total = add(total, [...times.values()].reduce(longer, NOTHING));
  }
  return { ...total, steps: known, unmeasured, extrapolated };
}

/** In a run, the step of the same name, else the first of the same kind. */
export function measuredLike(
  { name, kind }: WaveStepSummary,
  measured: readonly MeasuredStep[],
): MeasuredStep | undefined {
  const alike = measured.filter((each) => each.kind === kind && each.waves.length > 0);
  return alike.find((each) => each.name === name) ?? alike[0];
}

/** Seconds: what is expected, and between what. */
interface Spread {
  readonly seconds: number;
  readonly least: number;
  readonly most: number;
}

const NOTHING: Spread = { seconds: 0, least: 0, most: 0 };

function exact(seconds: number): Spread {
  return { seconds, least: seconds, most: seconds };
}

function add(a: Spread, b: Spread): Spread {
  return { seconds: a.seconds + b.seconds, least: a.least + b.least, most: a.most + b.most };
}

function longer(a: Spread, b: Spread): Spread {
  return a.seconds > b.seconds ? a : b;
}

function isBeyond({ waves }: WaveStepSummary, measured: MeasuredStep): boolean {
  const greatest = Math.max(...measured.waves.map(({ operations }) => operations));
  return waves.some(({ operations }) => operations > greatest);
}

function stepTime(step: WaveStepSummary, measured: MeasuredStep | undefined): Spread {
  const { pacing, cleanup, operations } = step;
  // What it will find is not known: as much as was found, or is expected.
  const found = step.isFound ? (measured?.waves ?? []) : [];
  const waves = [...step.waves, ...found.map((wave) => ({ ...wave, lastOffsetUs: 0 }))];
  const times = waves.map((wave) =>
    measured === undefined
      ? exact(wave.lastOffsetUs / SECOND)
      : waveTime(wave.operations, measured.waves),
  );
  const last = times.at(-1) ?? NOTHING;
  // The waves before it come while those go on that they follow.
  if (pacing.loop === 'after') return last;
  const gaps = Math.max(0, waves.length - 1);
  const cleaning = exact(cleanup ? operations * (measured?.cleanupSeconds ?? 0) : 0);
  if (pacing.loop === 'open') {
    return add(add(exact((gaps * pacing.everyUs) / SECOND), last), cleaning);
  }
  return add(add(times.reduce(add, NOTHING), exact((gaps * pacing.pauseUs) / SECOND)), cleaning);
}

interface SizeTime extends Spread {
  readonly operations: number;
}

function waveTime(operations: number, waves: readonly MeasuredWave[]): Spread {
  const sizes = timesBySize(waves);
  const below = sizes.findLast((size) => size.operations <= operations);
  const above = sizes.find((size) => size.operations >= operations);
  if (below === undefined) return above ?? NOTHING;
  if (above !== undefined) return between(below, above, operations);
  const before = sizes.at(-2);
  if (before === undefined) return scaled(below, operations / below.operations);
  return between(before, below, operations);
}

/** On the line through two sizes, also beyond them, where it does not fall below the greater. */
function between(a: SizeTime, b: SizeTime, operations: number): Spread {
  if (a.operations === b.operations) return a;
  const slope = (b.seconds - a.seconds) / (b.operations - a.operations);
  const onLine = a.seconds + slope * (operations - a.operations);
  const seconds = operations > b.operations ? Math.max(onLine, b.seconds) : onLine;
  return scaled(b, seconds / b.seconds);
}

function scaled({ seconds, least, most }: Spread, factor: number): Spread {
  return { seconds: seconds * factor, least: least * factor, most: most * factor };
}

/** Each size once, ascending. */
function timesBySize(waves: readonly MeasuredWave[]): readonly SizeTime[] {
  const sizes = [...new Set(waves.map(({ operations }) => operations))].sort((a, b) => a - b);
  return sizes.map((operations) => {
    const own = waves.flatMap((wave) => (wave.operations === operations ? wave.seconds : []));
    const seconds = own.reduce((sum, each) => sum + each, 0) / own.length;
    return { operations, seconds, least: Math.min(...own), most: Math.max(...own) };
  });
}
