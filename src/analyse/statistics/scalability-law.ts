/**
 * Gunther's universal scalability law, X(N) = g N / (1 + s (N - 1) + k N (N - 1)): throughput X
 * against the number in flight N, with contention s and coherency k. With k = 0 there is no peak,
 * and a fit whose levels all lie below the peak says nothing about it.
 */

export interface ScalabilityFit {
  /** Throughput of one, unhindered. */
  readonly gamma: number;
  /** Share of work that queues (at least 0). */
  readonly sigma: number;
  /** Cost of keeping in step, for each pair (at least 0). */
  readonly kappa: number;
  /** Of the three, in this order. */
  readonly standardErrors: readonly [number, number, number];
  /** N at which throughput peaks; absent where kappa is 0. */
  readonly peakAt?: number;
}

type Parameters3 = readonly [number, number, number];

/** Which of sigma and kappa may differ from 0. The order prefers fewer parameters in a tie. */
const FREE_SETS = [[0], [0, 1], [0, 2], [0, 1, 2]] as const;

const MAX_STEPS = 500;

/**
 * Least squares by Levenberg and Marquardt, with parameters pinned at 0 where they would turn
 * negative. At least four points of positive N; undefined where no fit exists.
 */
export function fitScalability(
  levels: readonly number[],
  throughputs: readonly number[],
): ScalabilityFit | undefined {
  if (levels.length < 4) return undefined;
  const fits = FREE_SETS.map((free) => descend(levels, throughputs, free));
  const allowed = fits.filter((fit) => fit.at.every((value) => value >= 0) && fit.at[0] > 0);
  const best = allowed.sort((a, b) => a.squares - b.squares)[0];
  if (best === undefined) return undefined;
  const [gamma, sigma, kappa] = best.at;
  const standardErrors = computeStandardErrors(levels, best.at, best.squares);
  const peak = kappa > 0 && sigma < 1 ? { peakAt: Math.sqrt((1 - sigma) / kappa) } : {};
  return { gamma, sigma, kappa, standardErrors, ...peak };
}

/** X at N. */
export function throughputAt(n: number, [gamma, sigma, kappa]: Parameters3): number {
  return (gamma * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

interface Descent {
  readonly at: Parameters3;
  readonly squares: number;
}

function descend(
  levels: readonly number[],
  throughputs: readonly number[],
  free: readonly number[],
): Descent {
  let at = guessStart(levels, throughputs, free);
  let squares = squaresAt(levels, throughputs, at);
  let damping = 1e-3;
  for (let step = 0; step < MAX_STEPS && damping < 1e12; step++) {
    const move = stepFrom(levels, throughputs, at, free, damping);
    const next = at.map(
      (value, i) => value + (move[free.indexOf(i)] ?? 0),
    ) as unknown as Parameters3;
    const found = squaresAt(levels, throughputs, next);
    if (found < squares) {
      at = next;
      squares = found;
      damping /= 10;
    } else damping *= 10;
  }
  return { at, squares };
}

/** A gentle curve through the best throughput for one. */
function guessStart(
  levels: readonly number[],
  throughputs: readonly number[],
  free: readonly number[],
): Parameters3 {
  const gamma = Math.max(...throughputs.map((x, i) => x / (levels[i] as number)));
  const top = Math.max(...levels);
  return [gamma, free.includes(1) ? 0.5 / top : 0, free.includes(2) ? 0.5 / top ** 2 : 0];
}

function squaresAt(
  levels: readonly number[],
  throughputs: readonly number[],
  at: Parameters3,
): number {
  return levels.reduce(
    (sum, n, i) => sum + ((throughputs[i] as number) - throughputAt(n, at)) ** 2,
    0,
  );
}

/** Derivatives of X by the three parameters. */
function gradientAt(n: number, at: Parameters3): readonly number[] {
  const x = throughputAt(n, at);
  const share = x / (at[0] * n);
  return [x / at[0], -x * share * (n - 1), -x * share * n * (n - 1)];
}

/** The damped normal equations (J'J + damping diag J'J) move = J' rest. */
function stepFrom(
  levels: readonly number[],
  throughputs: readonly number[],
  at: Parameters3,
  free: readonly number[],
  damping: number,
): number[] {
  const rows = levels.map((n) => gradientAt(n, at));
  const rests = levels.map((n, i) => (throughputs[i] as number) - throughputAt(n, at));
  const matrix = normalMatrix(rows, free);
  matrix.forEach((row, i) => {
    row[i] = (row[i] as number) * (1 + damping);
    const parameter = free[i] as number;
    row.push(rows.reduce((sum, r, j) => sum + (r[parameter] as number) * (rests[j] as number), 0));
  });
  return solve(matrix);
}

function normalMatrix(rows: readonly (readonly number[])[], free: readonly number[]): number[][] {
  const cell = (i: number, j: number) =>
    rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0);
  return free.map((i) => free.map((j) => cell(i, j)));
}

/** sqrt(diag((J'J)^-1) squares / (points - 3)), as if no parameter were pinned. */
function computeStandardErrors(levels: readonly number[], at: Parameters3, squares: number) {
  const rows = levels.map((n) => gradientAt(n, at));
  const error = (k: number) => {
    const matrix = normalMatrix(rows, [0, 1, 2]);
    matrix.forEach((row, i) => row.push(i === k ? 1 : 0));
    return Math.sqrt(((solve(matrix)[k] as number) * squares) / (levels.length - 3));
  };
  return [error(0), error(1), error(2)] as const;
}

/** Gauss-Jordan on an augmented matrix scaled to a unit diagonal. */
function solve(augmented: number[][]): number[] {
  const scale = augmented.map((row, i) => Math.sqrt(row[i] as number) || 1);
  const rows = augmented.map((row, i) =>
    row.map((cell, j) => cell / (scale[i] as number) / (scale[j] ?? 1)),
  );
  for (const [i, pivot] of rows.entries()) {
    const lead = pivot[i] as number;
    pivot.forEach((cell, j) => (pivot[j] = cell / lead));
    for (const other of rows) {
      if (other === pivot) continue;
      const factor = other[i] as number;
      other.forEach((cell, j) => (other[j] = cell - factor * (pivot[j] as number)));
    }
  }
  return rows.map((row, i) => (row.at(-1) as number) / (scale[i] as number));
}
