/** Small weighted least-squares problems, solved by Cholesky's factors of the normal equations. */

export type Matrix = readonly (readonly number[])[];

/** `J'WJ` of a matrix with a row for each figure and a column for each unknown. */
export function normalMatrix(jacobian: Matrix, weights: readonly number[]): number[][] {
  const columns = jacobian[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, a) =>
    Array.from({ length: columns }, (__, b) =>
      jacobian.reduce(
        (sum, row, i) => sum + (row[a] as number) * (row[b] as number) * (weights[i] as number),
        0,
      ),
    ),
  );
}

/** `J'Wr`. */
export function normalSide(
  jacobian: Matrix,
  weights: readonly number[],
  residuals: readonly number[],
): number[] {
  const columns = jacobian[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, a) =>
    jacobian.reduce(
      (sum, row, i) => sum + (row[a] as number) * (weights[i] as number) * (residuals[i] as number),
      0,
    ),
  );
}

/** Solves `matrix x = side`; undefined where the matrix is not positive definite. */
export function solve(matrix: Matrix, side: readonly number[]): number[] | undefined {
  const factor = cholesky(matrix);
  if (factor === undefined) return undefined;
  const y: number[] = [];
  for (const [i, row] of factor.entries()) {
    const known = y.reduce((sum, value, k) => sum + (row[k] as number) * value, 0);
    y.push(((side[i] as number) - known) / (row[i] as number));
  }
  const x = y.map(() => 0);
  for (let i = y.length - 1; i >= 0; i--) {
    let rest = y[i] as number;
    for (let k = i + 1; k < y.length; k++) rest -= (factor[k]?.[i] as number) * (x[k] as number);
    x[i] = rest / (factor[i]?.[i] as number);
  }
  return x;
}

/** The diagonal of the inverse: variances of the unknowns; undefined as in `solve`. */
export function inverseDiagonal(matrix: Matrix): number[] | undefined {
  const diagonal: number[] = [];
  for (const i of matrix.keys()) {
    const x = solve(
      matrix,
      matrix.map((_, k) => (k === i ? 1 : 0)),
    );
    if (x === undefined) return undefined;
    diagonal.push(x[i] as number);
  }
  return diagonal;
}

function cholesky(matrix: Matrix): number[][] | undefined {
  const factor: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const own: number[] = [];
    factor.push(own);
    for (let j = 0; j <= i; j++) {
      const other = factor[j] as number[];
      const known = own.slice(0, j).reduce((sum, v, k) => sum + v * (other[k] as number), 0);
      const rest = (row[j] as number) - known;
      if (j < i) own.push(rest / (other[j] as number));
      else if (rest <= 1e-12 * (row[i] as number) || !(rest > 0)) return undefined;
      else own.push(Math.sqrt(rest));
    }
  }
  return factor;
}
