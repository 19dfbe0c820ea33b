/** Percentiles as kube-burner reports them, for documents that stand beside its own. */

/**
 * The rule of montanaflynn/stats 0.7.1, which kube-burner 2 pins: x[np] where np is whole, else the
 * mean of the two values around it; then cut to a whole number. NaN where np < 1.
 */
export function neighbourMeanPercentile(sorted: ArrayLike<number>, percent: number): number {
  if (sorted.length === 1) return Math.trunc(sorted[0] as number);
  const position = (percent / 100) * sorted.length;
  const rank = Math.floor(position);
  if (rank < 1) return Number.NaN;
  const below = sorted[rank - 1] as number;
  if (position === rank) return Math.trunc(below);
  return Math.trunc((below + (sorted[rank] as number)) / 2);
}
