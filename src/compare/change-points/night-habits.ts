/**
 * How nights behave where nothing changes, told from all figures together: how much they follow
 * each other, and how often one is odd. A hundred nights of one figure leave a standard error of
 * 0.1 of a correlation, and half of all figures with heavy tails have not shown one yet; the
 * figures of a night share their cluster and its weather, and pooled they tell it several times as
 * well.
 */

import { clipped, robustLevel } from './robust-level.ts';

/** Sums over the nights of one level. */
export interface NightSums {
  /** Of the products of neighbours, and of the squares. */
  readonly products: number;
  readonly squares: number;
  readonly nights: number;
  /** Odd nights. */
  readonly above: number;
  readonly below: number;
}

/** What to reckon with of one figure. */
export interface NightHabits {
  /** How much of a night's noise is still there on the next: lag-1 autocorrelation, 0 to 0.9. */
  readonly correlation: number;
  /** Shares of nights that are odd. */
  readonly above: number;
  readonly below: number;
}

const NOTHING: NightSums = { products: 0, squares: 0, nights: 0, above: 0, below: 0 };

/** Newest nights that are looked at, and those of them that may be the first of a change. */
const MOST_NIGHTS = 100;
const UNSETTLED = 5;

/** Fewer nights than this say nothing about their correlation. */
const LEAST_NIGHTS = 10;

/** Scatters off from which on a night is odd. */
const ODD = 3;

/** Standard errors from which on a correlation is not what chance makes of independent nights. */
const SURE = 1.5;

/** Standard errors from which on a figure is not like the others of its night. */
const ALONE = 2.5;

const MOST_CORRELATION = 0.9;

/** Of the nights of one level, oldest first; `least` as for robustLevel. */
export function sumNights(values: readonly number[], least: number): NightSums {
  const known = values.slice(-MOST_NIGHTS - UNSETTLED, -UNSETTLED);
  if (known.length < LEAST_NIGHTS) return NOTHING;
  const { center, scatter } = robustLevel(known, least);
  const offsets = known.map((value) => (value - center) / scatter);
  let products = 0;
  let squares = 0;
  let last = 0;
  // Odd nights are held back.
  for (const offset of offsets.map((each) => clipped(each))) {
    products += offset * last;
    squares += offset * offset;
    last = offset;
  }
  const above = offsets.filter((offset) => offset > ODD).length;
  const below = offsets.filter((offset) => offset < -ODD).length;
  return { products, squares, nights: known.length, above, below };
}

/** For each figure what all of them tell, or what it tells itself where it is not like them. */
export function nightHabits(figures: readonly NightSums[]): readonly NightHabits[] {
  const known = figures.filter(({ nights }) => nights > 0);
  const all = known.reduce((sum, figure) => {
    const { products, squares, nights, above, below } = figure;
    return {
      products: sum.products + products,
      squares: sum.squares + squares,
      nights: sum.nights + nights,
      above: sum.above + above,
      below: sum.below + below,
    };
  }, NOTHING);
  const pooled = unbiased(all, all.nights / Math.max(1, known.length));
  const common = pooled < SURE / Math.sqrt(all.nights) ? 0 : pooled;
  return figures.map((figure) => ({
    correlation: correlationOf(figure, common),
    above: oddShare(figure, all, 'above'),
    below: oddShare(figure, all, 'below'),
  }));
}

function correlationOf(figure: NightSums, common: number): number {
  const own = unbiased(figure, figure.nights);
  const isAlone = own - common > ALONE / Math.sqrt(figure.nights);
  return Math.min(MOST_CORRELATION, isAlone ? own : common);
}

/** Counts of rare nights scatter by their square root; none at all is taken for one. */
function oddShare(figure: NightSums, all: NightSums, side: 'above' | 'below'): number {
  if (all.nights === 0) return 0;
  const common = all[side] / all.nights;
  if (figure.nights === 0) return common;
  const own = figure[side] / figure.nights;
  const error = Math.sqrt(Math.max(common, 1 / all.nights) / figure.nights);
  return own - common > ALONE * error ? own : common;
}

/** With the bias of series of so few nights taken off (Kendall, 1954). */
function unbiased({ products, squares }: NightSums, nights: number): number {
  if (squares === 0) return 0;
  const found = products / squares;
  return found + (1 + 3 * found) / nights;
}
