/**
 * Which constants the data tell. A constant that moves no figure of its stages by more than the
 * figure's own scatter is not told; constants whose effects look alike are tied, and get one common
 * factor. Tied constants are identified only as what they make together, so a tie is part of the
 * answer and not a failure.
 */

import type { ConstantPath } from './mechanisms.ts';
import { inverseDiagonal, type Matrix, normalMatrix } from './normal-equations.ts';

/** Constants that get one common factor; mostly one alone. */
export interface Unknown {
  readonly paths: readonly ConstantPath[];
  /** The derivative of each figure by the factor's logarithm; 0 where it tells nothing. */
  readonly column: readonly number[];
}

export interface NotIdentified {
  readonly path: ConstantPath;
  readonly why: string;
}

export interface Identified {
  readonly unknowns: readonly Unknown[];
  readonly notIdentified: readonly NotIdentified[];
}

/** Standard error of a logarithm above which a constant is no better known than a guess. */
const DOUBT_MOST = 0.35;
/** Cosine from which two effects look alike. */
const ALIKE_LEAST = 0.6;

/** Scatters of a figure below which its movement is taken for chance. */
const MOVES_LEAST = 2.5;
/** Below this there is no hint of what a constant does. */
const HINT_LEAST = 1;

export interface Figures {
  /** One over the variance of each. */
  readonly weights: readonly number[];
  /** Of each: which are of its stage. */
  readonly sameStage: readonly (readonly number[])[];
}

/** `effects` of constants that were made slower by e to the `nudge`. */
export function identify(effects: readonly Unknown[], figures: Figures, nudge: number): Identified {
  const { weights } = figures;
  const notIdentified: NotIdentified[] = [];
  const strength = (effect: Unknown) => signalStrength(effect, weights, nudge);
  const strong = effects.filter((each) => strength(each) > MOVES_LEAST);
  const hints = effects.filter((each) => !strong.includes(each) && strength(each) > HINT_LEAST);
  const together = gathered(hints, weights).filter((each) => strength(each) > MOVES_LEAST);
  let unknowns = [...strong, ...together].map((each) => withoutChance(each, figures, nudge));
  const used = new Set(unknowns.flatMap(({ paths }) => paths));
  for (const path of effects.flatMap(({ paths }) => paths)) {
    if (!used.has(path)) notIdentified.push({ path, why: FAINT });
  }
  for (;;) {
    const worst = mostDoubtful(unknowns, weights);
    if (worst === undefined) return { unknowns, notIdentified };
    const others = unknowns.filter((each) => each !== worst);
    const [partner, likeness] = mostAlike(worst, others, weights);
    if (partner === undefined || likeness < ALIKE_LEAST) {
      const why = 'what the runs say of it leaves a factor of 2 in doubt';
      notIdentified.push(...worst.paths.map((path) => ({ path, why })));
      unknowns = others;
    } else {
      unknowns = others.map((each) => (each === partner ? tied(partner, worst) : each));
    }
  }
}

/** The unknowns as a matrix with a row for each figure. */
export function makeJacobian(unknowns: readonly Unknown[]): Matrix {
  return (unknowns[0]?.column ?? []).map((_, i) => unknowns.map(({ column }) => column[i] ?? 0));
}

/** By how many scatters the figure moves that moves most. */
export function signalStrength(
  { column }: Unknown,
  weights: readonly number[],
  nudge: number,
): number {
  return Math.max(
    0,
    ...column.map((v, i) => Math.abs(v * nudge) * Math.sqrt(weights[i] as number)),
  );
}

/** Constants that do the same, of which each does too little to be seen by itself. */
function gathered(hints: readonly Unknown[], weights: readonly number[]): readonly Unknown[] {
  const groups: Unknown[] = [];
  for (const hint of hints) {
    const i = groups.findIndex(({ column }) => cosine(column, hint.column, weights) > ALIKE_LEAST);
    const group = groups[i];
    if (group === undefined) groups.push(hint);
    else groups[i] = tied(group, hint);
  }
  return groups;
}

/** A stage counts as moved where one of its figures moves by more than chance. */
function withoutChance(effect: Unknown, { weights, sameStage }: Figures, nudge: number): Unknown {
  const column = effect.column.map((value, i) => {
    const stage = sameStage[i] as readonly number[];
    const own = effect.column.map((each, k) => (stage.includes(k) ? each : 0));
    return signalStrength({ paths: [], column: own }, weights, nudge) > MOVES_LEAST ? value : 0;
  });
  return { ...effect, column };
}

const FAINT = 'twice as much of it moves no stage by more than its own scatter';

function tied(a: Unknown, b: Unknown): Unknown {
  return {
    paths: [...a.paths, ...b.paths],
    column: a.column.map((value, i) => value + (b.column[i] as number)),
  };
}

/** Of the unknowns that the data leave in too much doubt the one in most; undefined: none. */
function mostDoubtful(
  unknowns: readonly Unknown[],
  weights: readonly number[],
): Unknown | undefined {
  if (unknowns.length === 0) return undefined;
  const variances = inverseDiagonal(regular(normalMatrix(makeJacobian(unknowns), weights)));
  if (variances === undefined) return unknowns.at(-1);
  const worst = variances.indexOf(Math.max(...variances));
  return Math.sqrt(variances[worst] as number) > DOUBT_MOST ? unknowns[worst] : undefined;
}

/** Twins of an effect would make the matrix singular: each unknown is bounded by a wide guess. */
function regular(matrix: Matrix): Matrix {
  return matrix.map((row, i) => row.map((value, k) => (i === k ? value + GUESS_WEIGHT : value)));
}

/** A guess may be off by a factor of e. */
const GUESS_WEIGHT = 1;

function mostAlike(
  { column }: Unknown,
  others: readonly Unknown[],
  weights: readonly number[],
): readonly [Unknown | undefined, number] {
  let best: Unknown | undefined;
  let most = 0;
  for (const other of others) {
    const likeness = cosine(column, other.column, weights);
    if (likeness > most) [best, most] = [other, likeness];
  }
  return [best, most];
}

function cosine(a: readonly number[], b: readonly number[], weights: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] as number) * (weights[i] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
