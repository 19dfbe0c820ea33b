/**
 * Many comparisons in one table make some look significant by chance. Benjamini and Hochberg (1995)
 * hold the expected share of false findings among the findings: q <= 0.05.
 */

/** The q-value of each p-value, in the order given: q_i = min(q_(i+1), p_i m / i), p ascending. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i);
  order.sort((a, b) => (pValues[b] as number) - (pValues[a] as number));
  const adjusted = [...pValues];
  let least = 1;
  order.forEach((index, position) => {
    const rank = pValues.length - position;
    least = Math.min(least, ((pValues[index] as number) * pValues.length) / rank);
    adjusted[index] = least;
  });
  return adjusted;
}
