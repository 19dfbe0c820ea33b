/**
 * Where a stretch of a series splits best: the energy divergence of Matteson and James
 * (arXiv:1306.4933, alpha = 1) between the part before a point and the part after it. The part
 * after may end (at kappa) before the stretch does, so that a later change does not dilute an
 * earlier one.
 */

/** Sums of |z_i - z_j| over all pairs i < j inside [from, to), for every from and to. */
export interface PairSums {
  readonly size: number;
  readonly sums: Float64Array;
}

export interface SplitCandidate {
  /** The first point of the part after, as an index into the window. */
  readonly index: number;
  readonly divergence: number;
}

/** All pair sums of a window in O(size^2), from which any divergence costs O(1). */
export function pairSums(window: ArrayLike<number>): PairSums {
  const size = window.length;
  const stride = size + 1;
  const sums = new Float64Array(stride * stride);
  for (let from = size - 1; from >= 0; from--) {
    let fromFirst = 0;
    for (let to = from + 2; to <= size; to++) {
      fromFirst += Math.abs((window[from] as number) - (window[to - 1] as number));
      sums[from * stride + to] = (sums[(from + 1) * stride + to] as number) + fromFirst;
    }
  }
  return { size, sums };
}

/**
 * The split of [start, end) with the largest divergence over all ends of the part after; the first
 * of equals. Both sides hold at least `minSegment` points, and the split is a local maximum: one
 * that would be better a point further out marks a segment too short to name (an odd last night),
 * not a change of level. Undefined where there is none.
 */
export function bestSplit(
  pairs: PairSums,
  start: number,
  end: number,
  minSegment: number,
): SplitCandidate | undefined {
  const peaks = new Float64Array(end - start + 1).fill(Number.NEGATIVE_INFINITY);
  for (let index = start + 1; index < end; index++) {
    peaks[index - start] = peakDivergence(pairs, start, index, end, minSegment);
  }
  let best: SplitCandidate | undefined;
  for (let i = minSegment; i + minSegment <= end - start; i++) {
    const peak = peaks[i] as number;
    if (peak < (peaks[i - 1] as number) || peak < (peaks[i + 1] as number)) continue;
    if (peak > (best?.divergence ?? Number.NEGATIVE_INFINITY)) {
      best = { index: start + i, divergence: peak };
    }
  }
  return best;
}

/** The largest divergence at `index` over the ends of the part after, shorter only at the end. */
function peakDivergence(
  pairs: PairSums,
  start: number,
  index: number,
  end: number,
  minSegment: number,
): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (let kappa = Math.min(index + minSegment, end); kappa <= end; kappa++) {
    peak = Math.max(peak, divergence(pairs, start, index, kappa));
  }
  return peak;
}

/**
 * Q = 2/(n+m) sum |x - y| - 2m/((n+m)(n-1)) sum |x - x'| - 2n/((n+m)(m-1)) sum |y - y'| for x in
 * [start, index) and y in [index, kappa); the sums within count each pair once, and are 0 for a
 * single point.
 */
function divergence({ size, sums }: PairSums, start: number, index: number, kappa: number): number {
  const stride = size + 1;
  const n = index - start;
  const m = kappa - index;
  const withinX = sums[start * stride + index] as number;
  const withinY = sums[index * stride + kappa] as number;
  const across = (sums[start * stride + kappa] as number) - withinX - withinY;
  const spreadX = n > 1 ? (m * withinX) / (n - 1) : 0;
  const spreadY = m > 1 ? (n * withinY) / (m - 1) : 0;
  return (2 * (across - spreadX - spreadY)) / (n + m);
}
