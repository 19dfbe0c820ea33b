/**
 * The nonparametric maximum-likelihood distribution of interval-censored values (Turnbull, 1976),
 * by self-consistency on the innermost intervals. It is for values whose windows differ in width
 * (after watch gaps). Using it on differences of whole-second stamps makes them worse, and within
 * an innermost interval the data do not say where the mass lies: a quantile is an interval, never
 * its midpoint.
 */

import type { Observation } from './observation.ts';

/** Mass on one innermost interval: (lo, hi], or the point where lo === hi; hi may be infinite. */
export interface Mass {
  readonly lo: number;
  readonly hi: number;
  readonly mass: number;
}

export interface TurnbullFit {
  /** Ascending; masses sum to 1. What lies on (.., Infinity] is unreached or failed. */
  readonly masses: readonly Mass[];
  readonly iterations: number;
  readonly converged: boolean;
}

/** Largest change of a mass at which the iteration stops. */
const TOLERANCE = 1e-8;
const MAX_ITERATIONS = 20_000;
const MASS_TOLERANCE = 1e-7;

/** Fits the distribution; equal intervals are grouped, so the cost follows the distinct ones. */
export function turnbull(observations: readonly Observation[]): TurnbullFit {
  const groups = groupIntervals(observations);
  const cells = innermostIntervals(groups);
  const spans = groups.map((group) => coveredCells(group, cells));
  const weights = groups.map((group) => group.count / observations.length);
  const fit = selfConsistent(spans, weights, cells.length);
  const masses = cells.map(({ lo, hi }, j) => ({ lo, hi, mass: fit.mass[j] as number }));
  return { masses, iterations: fit.iterations, converged: fit.converged };
}

/** The innermost interval on which the cumulated mass first reaches q, if that is finite. */
export function turnbullQuantile(
  fit: TurnbullFit,
  q: number,
): { readonly lo: number; readonly hi: number } | undefined {
  let cumulated = 0;
  for (const { lo, hi, mass } of fit.masses) {
    cumulated += mass;
    if (cumulated < q - MASS_TOLERANCE || mass === 0) continue;
    return Number.isFinite(hi) ? { lo, hi } : undefined;
  }
  return undefined;
}

interface Window {
  readonly lo: number;
  readonly hi: number;
}

interface Group extends Window {
  readonly count: number;
}

/** Inclusive range of cell indexes. */
interface CellRange {
  readonly first: number;
  readonly last: number;
}

function getWindow(observation: Observation): Window {
  switch (observation.state) {
    case 'reached':
      return observation;
    case 'censored':
      return { lo: observation.at, hi: Number.POSITIVE_INFINITY };
    case 'failed':
      return { lo: Number.POSITIVE_INFINITY, hi: Number.POSITIVE_INFINITY };
  }
}

function groupIntervals(observations: readonly Observation[]): Group[] {
  const windows = observations.map(getWindow).sort((a, b) => compare(a.lo, b.lo, a.hi, b.hi));
  const groups: Group[] = [];
  for (const { lo, hi } of windows) {
    const last = groups.at(-1);
    if (last !== undefined && last.lo === lo && last.hi === hi) {
      groups[groups.length - 1] = { lo, hi, count: last.count + 1 };
    } else groups.push({ lo, hi, count: 1 });
  }
  return groups;
}

/** Order of ends at one coordinate: a point opens, intervals close, open-left intervals open. */
const POINT_OPENS = 0;
const CLOSES = 1;
const OPENS = 2;

/** Where a left end is followed at once by a right end: no other interval can beat its mass. */
function innermostIntervals(groups: readonly Group[]): Window[] {
  const ends = groups.flatMap(({ lo, hi }) => [
    { at: lo, order: lo === hi ? POINT_OPENS : OPENS },
    { at: hi, order: CLOSES },
  ]);
  ends.sort((a, b) => compare(a.at, b.at, a.order, b.order));
  const cells: Window[] = [];
  for (let i = 1; i < ends.length; i++) {
    const left = ends[i - 1] as (typeof ends)[number];
    const right = ends[i] as (typeof ends)[number];
    if (left.order !== CLOSES && right.order === CLOSES) cells.push({ lo: left.at, hi: right.at });
  }
  return cells;
}

/**
 * Cells inside the group's interval: contiguous, and never none, since cells do not straddle ends.
 */
function coveredCells({ lo, hi }: Window, cells: readonly Window[]): CellRange {
  const first = firstWhere(cells, (cell) => (lo === hi ? cell.hi >= lo : cell.hi > lo));
  const last = firstWhere(cells, (cell) => cell.hi > hi) - 1;
  return { first, last };
}

function firstWhere(cells: readonly Window[], holds: (cell: Window) => boolean): number {
  let lo = 0;
  let hi = cells.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (holds(cells[middle] as Window)) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}

/** mass_j <- mass_j * sum over intervals covering j of weight / (mass of the interval). */
function selfConsistent(
  spans: readonly CellRange[],
  weights: readonly number[],
  cellCount: number,
): { mass: Float64Array; iterations: number; converged: boolean } {
  const mass = new Float64Array(cellCount).fill(1 / cellCount);
  const cumulated = new Float64Array(cellCount + 1);
  const slope = new Float64Array(cellCount + 1);
  for (let iteration = 1; iteration <= MAX_ITERATIONS; iteration++) {
    accumulate(mass, cumulated);
    slope.fill(0);
    spans.forEach(({ first, last }, i) => {
      const inside = (cumulated[last + 1] as number) - (cumulated[first] as number);
      const share = (weights[i] as number) / Math.max(inside, Number.MIN_VALUE);
      slope[first] = (slope[first] as number) + share;
      slope[last + 1] = (slope[last + 1] as number) - share;
    });
    if (applyFactors(mass, slope) < TOLERANCE)
      return { mass, iterations: iteration, converged: true };
  }
  return { mass, iterations: MAX_ITERATIONS, converged: false };
}

function accumulate(mass: Float64Array, cumulated: Float64Array): void {
  for (let j = 0; j < mass.length; j++) {
    cumulated[j + 1] = (cumulated[j] as number) + (mass[j] as number);
  }
}

/** Multiplies each mass by its factor; returns the largest change. */
function applyFactors(mass: Float64Array, slope: Float64Array): number {
  let factor = 0;
  let largest = 0;
  for (let j = 0; j < mass.length; j++) {
    factor += slope[j] as number;
    const before = mass[j] as number;
    const after = before * Math.max(0, factor);
    mass[j] = after;
    largest = Math.max(largest, Math.abs(after - before));
  }
  return largest;
}

function compare(a: number, b: number, tieA: number, tieB: number): number {
  if (a !== b) return a < b ? -1 : 1;
  if (tieA === tieB) return 0;
  return tieA < tieB ? -1 : 1;
}
