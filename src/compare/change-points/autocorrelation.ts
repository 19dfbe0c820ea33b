/**
 * Whether nights follow each other more than chance allows. The t-tests take nights as independent;
 * on a series that wanders they fire where nothing changed.
 */

/** Above this, the level of the tests is lowered tenfold (and the verdict says so). */
export const MAX_AUTOCORRELATION = 0.3;

/** Residuals below this share of the values are rounding, which is as correlated as it likes. */
const ROUNDING = 1e-9;

/** Fewer residuals than this say nothing about their correlation. */
const MIN_RESIDUALS = 10;

/**
 * Lag-1 autocorrelation of what is left after taking each segment's own mean away; `starts` are the
 * ascending indexes at which segments begin after the first. Undefined where there are too few
 * values, or they do not vary.
 */
export function residualAutocorrelation(
  values: readonly number[],
  starts: readonly number[],
): number | undefined {
  if (values.length < MIN_RESIDUALS) return undefined;
  const edges = [0, ...starts, values.length];
  const residuals = edges.slice(1).flatMap((end, i) => centered(values.slice(edges[i], end)));
  let squares = 0;
  let products = 0;
  residuals.forEach((residual, i) => {
    squares += residual * residual;
    if (i > 0) products += residual * (residuals[i - 1] as number);
  });
  const sizes = values.reduce((sum, value) => sum + value * value, 0);
  return squares > ROUNDING ** 2 * sizes ? products / squares : undefined;
}

function centered(segment: readonly number[]): number[] {
  const mean = segment.reduce((sum, value) => sum + value, 0) / segment.length;
  return segment.map((value) => value - mean);
}
