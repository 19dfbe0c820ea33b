/**
 * One figure followed from night to night: the level that is accepted, the changes for the worse
 * since then that are open, and whether tonight is back. Time alone accepts nothing. A worse level
 * stays open, however old, until the figure is back on the accepted one; an improvement moves the
 * accepted level at once, so that losing it again is a regression.
 */

import { detectChangePoints, type DetectorOptions } from '../change-points/detect-change-points.ts';
import {
  latestShift,
  MOST_LEVEL,
  MOST_NIGHTS,
  type Scatter,
} from '../change-points/level-shift.ts';
import { type NightHabits, type NightSums, sumNights } from '../change-points/night-habits.ts';
import { robustLevel, type RobustLevel } from '../change-points/robust-level.ts';

/** A night's value on the scale of the tests (logarithms where all are positive). */
export interface FollowedNight {
  /** Undefined where it was not reached. */
  readonly value: number | undefined;
  /** Standard error of the value by the night's own interval; 0 where it has none. */
  readonly error: number;
}

export interface OpenChange {
  readonly kind: 'step' | 'unreached';
  /** The first night of the new level. */
  readonly index: number;
  /** Of the night that confirmed it: after the search, and corrected for the night's figures. */
  readonly p: number;
  readonly q: number;
  /** The night that confirmed it. */
  readonly confirmed: number;
  /** The level that was left. */
  readonly before: RobustLevel;
}

/** How things stand after a night; indexes of nights, ascending. */
export interface LevelState {
  /** Nights of the accepted level. */
  readonly accepted: readonly number[];
  /** Changes for the worse since, oldest first. */
  readonly open: readonly OpenChange[];
  /** Nights of the newest level while one is open. */
  readonly current: readonly number[];
  /** The newest nights, while one is open, that look like the accepted level ... */
  readonly back: readonly number[];
  /** ... and how much likelier that makes it: a logarithm. */
  readonly evidence: number;
  /** The newest change for the better, and the level before it. */
  readonly improved?: OpenChange;
  /** How nights scattered on the level before the newest one. */
  readonly known: Omit<Scatter, 'habits'>;
}

export const START: LevelState = {
  accepted: [],
  open: [],
  current: [],
  back: [],
  evidence: 0,
  known: { least: 0, nights: 0 },
};

/** What a night could be the confirmation of. */
export interface Candidate {
  readonly isWorse: boolean;
  /** First night of the new level. */
  readonly index: number;
  readonly p: number;
  readonly before: RobustLevel;
  /** Found by a detector that decides by itself. */
  readonly isCertain?: boolean;
}

export interface FollowOptions {
  /** 1 where more is worse, else -1. */
  readonly worse: 1 | -1;
  /** On the scale of the tests: the scatter of a night is never below. */
  readonly leastScatter: number;
  /** Whether a change is one that anybody would act on. */
  readonly isLarge: (before: number, after: number) => boolean;
  /** Changes are found as this one finds them; it gets the series as it is, back from its scale. */
  readonly detector?: DetectorOptions;
  readonly unscaled: (value: number) => number;
}

/** Tonight is back for the time being, and for good, from this evidence on: 20 and 1,000 to 1. */
const LOOKS_BACK = Math.log(20);
const IS_BACK = Math.log(1000);

/** Nights that are back before the change is closed, and the most that one night may say. */
const LEAST_BACK = 3;
const MOST_EVIDENCE = 6;

/** Scatters of a night beyond the accepted level from which on it is not on it. */
const BEYOND = 3;

/** Nights that the newest level rests on: it may drift while a change is open. */
const NEWEST = 7;

/** Nights that an improvement takes: what was never there would soon be missed. */
const LEAST_BETTER = 5;

/** What the newest night would confirm; undefined where nothing. */
export function candidateTonight(
  nights: readonly FollowedNight[],
  state: LevelState,
  options: FollowOptions,
  habits: NightHabits,
): Candidate | undefined {
  const tonight = nights.length - 1;
  if (nights[tonight]?.value === undefined) return undefined;
  const line = [...levelNights(state), tonight];
  if (options.detector !== undefined) return detected(nights, line, options.detector, options);
  const recent = line.slice(-MOST_NIGHTS);
  const values = recent.map((night) => nights[night]?.value as number);
  const least = Math.max(state.known.least, leastScatter(nights, recent, options));
  const shift = latestShift(values, { ...state.known, least, habits }, options.isLarge);
  if (shift === undefined) return undefined;
  const { index, p, before, after } = shift;
  const isWorse = (after - before.center) * options.worse > 0;
  if (!isWorse && recent.length - index < LEAST_BETTER) return undefined;
  return { isWorse, index: recent[index] as number, p, before };
}

/** Nights of the level that the figure is on now. */
function levelNights({ open, accepted, current }: LevelState): readonly number[] {
  return open.length === 0 ? accepted : current;
}

/** How the nights of the level that the figure is on behave. */
export function levelSums(
  nights: readonly FollowedNight[],
  state: LevelState,
  options: FollowOptions,
): NightSums {
  const values = levelNights(state).flatMap((night) => nights[night]?.value ?? []);
  return sumNights(values, options.leastScatter);
}

/** Nights that another detector looks back on. */
const DETECTOR_NIGHTS = 120;

/** All changes since the accepted level count: the first of them is the candidate. */
function detected(
  nights: readonly FollowedNight[],
  line: readonly number[],
  detector: DetectorOptions,
  options: FollowOptions,
): Candidate | undefined {
  const recent = line.slice(-DETECTOR_NIGHTS);
  const values = recent.map((night) => nights[night]?.value as number);
  const { changePoints } = detectChangePoints(values.map(options.unscaled), detector);
  for (const { index, p } of changePoints) {
    const before = robustLevel(values.slice(0, index), options.leastScatter);
    const after = robustLevel(values.slice(index), options.leastScatter);
    if (!options.isLarge(before.center, after.center)) continue;
    const isWorse = (after.center - before.center) * options.worse > 0;
    return { isWorse, index: recent[index] as number, p, before, isCertain: true };
  }
  return undefined;
}

/** The state after tonight; `confirmed` is the candidate where it stood among all figures. */
export function afterTonight(
  nights: readonly FollowedNight[],
  before: LevelState,
  tonight: number,
  options: FollowOptions,
  confirmed: (Candidate & { readonly q: number; readonly isLearning: boolean }) | undefined,
): LevelState {
  if (nights[tonight]?.value === undefined) return unreached(nights, before, tonight, options);
  const state = reachedAgain(before);
  if (state.open.length > 0) return whileOpen(nights, state, tonight, options, confirmed);
  if (confirmed === undefined) return { ...state, accepted: [...state.accepted, tonight] };
  const { isWorse, index, isLearning } = confirmed;
  const since = [...state.accepted.filter((night) => night >= index), tonight];
  const known = scatterOf(confirmed);
  if (isLearning) return { ...START, accepted: since, known };
  if (!isWorse) return { ...START, accepted: since, improved: changeOf(confirmed, tonight), known };
  const accepted = state.accepted.filter((night) => night < index);
  return { ...START, accepted, open: [changeOf(confirmed, tonight)], current: since, known };
}

/** The accepted level. */
export function acceptedLevel(
  nights: readonly FollowedNight[],
  state: LevelState,
  options: FollowOptions,
): RobustLevel | undefined {
  return levelOf(nights, state.accepted.slice(-MOST_LEVEL), options);
}

/** The level that the newest nights have come to while a change is open. */
export function newestLevel(
  nights: readonly FollowedNight[],
  { current }: LevelState,
  options: FollowOptions,
): RobustLevel | undefined {
  return levelOf(nights, current.slice(-NEWEST), options);
}

/** Whether tonight's value says that the open changes are over, at least for tonight. */
export function looksBack({ open, evidence }: LevelState): boolean {
  return open.length > 0 && evidence >= LOOKS_BACK;
}

function scatterOf({ before }: Candidate): LevelState['known'] {
  return { least: before.scatter, nights: before.n };
}

function changeOf({ index, p, q, before }: Candidate & { readonly q: number }, tonight: number) {
  return { kind: 'step', index, p, q, before, confirmed: tonight } as const;
}

/** Values that are not reached any more are no matter of noise: the change is certain. */
function unreached(
  nights: readonly FollowedNight[],
  state: LevelState,
  tonight: number,
  options: FollowOptions,
): LevelState {
  if (state.open.at(-1)?.kind === 'unreached') return { ...state, back: [], evidence: 0 };
  const level =
    state.open.length === 0
      ? acceptedLevel(nights, state, options)
      : newestLevel(nights, state, options);
  if (level === undefined) return state;
  const change = { kind: 'unreached', index: tonight, p: 0, q: 0, confirmed: tonight } as const;
  return { ...state, open: [...state.open, { ...change, before: level }], back: [], evidence: 0 };
}

function reachedAgain(state: LevelState): LevelState {
  if (state.open.at(-1)?.kind !== 'unreached') return state;
  return { ...state, open: state.open.slice(0, -1) };
}

function whileOpen(
  nights: readonly FollowedNight[],
  state: LevelState,
  tonight: number,
  options: FollowOptions,
  confirmed: (Candidate & { readonly q: number }) | undefined,
): LevelState {
  const evidence = evidenceOfReturn(nights, state, tonight, options);
  const back = evidence > 0 ? [...state.back, tonight] : [];
  if (evidence >= IS_BACK && back.length >= LEAST_BACK) {
    return { ...START, accepted: [...state.accepted, ...back] };
  }
  const current = [...state.current, tonight];
  if (confirmed === undefined || evidence >= LOOKS_BACK) {
    return { ...state, current, back, evidence };
  }
  // From bad to worse is a further change; from bad to less bad moves the level, and stays open.
  const since = current.filter((night) => night >= confirmed.index);
  const open = confirmed.isWorse ? [...state.open, changeOf(confirmed, tonight)] : state.open;
  return { ...state, open, current: since, back, evidence, known: scatterOf(confirmed) };
}

/**
 * How much likelier the nights up to tonight are on the accepted level than on the newest one; 0
 * where tonight is surely not on the accepted level, or the other is the likelier.
 */
function evidenceOfReturn(
  nights: readonly FollowedNight[],
  state: LevelState,
  tonight: number,
  options: FollowOptions,
): number {
  const accepted = acceptedLevel(nights, state, options);
  const away = state.current.filter((night) => !state.back.includes(night));
  const newest = newestLevel(nights, { ...state, current: away }, options);
  const value = nights[tonight]?.value;
  if (accepted === undefined || newest === undefined || value === undefined) return 0;
  const { center, scatter } = accepted;
  if (((value - center) * options.worse) / scatter > BEYOND) return 0;
  const nearer = ((value - newest.center) ** 2 - (value - center) ** 2) / (2 * scatter ** 2);
  const held = Math.max(-MOST_EVIDENCE, Math.min(MOST_EVIDENCE, nearer));
  return Math.max(0, state.evidence + held);
}

function levelOf(
  nights: readonly FollowedNight[],
  indexes: readonly number[],
  options: FollowOptions,
): RobustLevel | undefined {
  const values = indexes.flatMap((night) => nights[night]?.value ?? []);
  if (values.length === 0) return undefined;
  return robustLevel(values, leastScatter(nights, indexes, options));
}

/** A night is known no better than its own interval says. */
function leastScatter(
  nights: readonly FollowedNight[],
  indexes: readonly number[],
  options: FollowOptions,
): number {
  const errors = indexes.map((night) => nights[night]?.error ?? 0).sort((a, b) => a - b);
  return Math.max(options.leastScatter, errors[errors.length >> 1] ?? 0);
}
