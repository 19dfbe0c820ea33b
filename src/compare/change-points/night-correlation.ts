/**
 * How much nights follow each other, told from all figures together. A hundred nights of one figure
 * leave a standard error of 0.1, so that chance alone looks like a correlation as often as a real
 * one of 0.2 does not; the figures of a night share their cluster and its weather, and pooled they
 * tell it several times as well.
 */

import { clipped, robustLevel } from './robust-level.ts';

/** Sums over the pairs of neighbouring nights on one level. */
export interface LagSums {
  /** Of the products of neighbours, and of the squares. */
  readonly products: number;
  readonly squares: number;
  readonly nights: number;
}

/** Newest nights that are looked at, and those of them that may be the first of a change. */
const MOST_NIGHTS = 100;
const UNSETTLED = 5;

/** Fewer nights than this say nothing about their correlation. */
const LEAST_NIGHTS = 10;

/** Standard errors from which on a correlation is not what chance makes of independent nights. */
const SURE = 1.5;

/** Standard errors from which on a figure is not like the others of its night. */
const ALONE = 2.5;

const MOST_CORRELATION = 0.9;

/** Of the nights of one level, oldest first, odd ones held back; `least` as for robustLevel. */
export function lagSums(values: readonly number[], least: number): LagSums {
  const known = values.slice(-MOST_NIGHTS - UNSETTLED, -UNSETTLED);
  if (known.length < LEAST_NIGHTS) return { products: 0, squares: 0, nights: 0 };
  const { center, scatter } = robustLevel(known, least);
  let products = 0;
  let squares = 0;
  let last = 0;
  for (const value of known) {
    const offset = clipped((value - center) / scatter);
    products += offset * last;
    squares += offset * offset;
    last = offset;
  }
  return { products, squares, nights: known.length };
}

/** The lag-1 autocorrelation to reckon with for each figure, 0 to 0.9. */
export function nightCorrelations(figures: readonly LagSums[]): readonly number[] {
  const all = figures.reduce(
    (sum, figure) => ({
      products: sum.products + figure.products,
      squares: sum.squares + figure.squares,
      nights: sum.nights + figure.nights,
    }),
    { products: 0, squares: 0, nights: 0 },
  );
  const meanNights = all.nights / Math.max(1, figures.filter(({ nights }) => nights > 0).length);
  const pooled = unbiased(all, meanNights);
  const common = pooled < SURE / Math.sqrt(all.nights) ? 0 : pooled;
  return figures.map((figure) => {
    const own = unbiased(figure, figure.nights);
    const isAlone = own - common > ALONE / Math.sqrt(figure.nights);
    return Math.min(MOST_CORRELATION, isAlone ? own : common);
  });
}

/** With the bias of series of so few nights taken off (Kendall, 1954). */
function unbiased({ products, squares }: LagSums, nights: number): number {
  if (squares === 0) return 0;
  const found = products / squares;
  return found + (1 + 3 * found) / nights;
}
