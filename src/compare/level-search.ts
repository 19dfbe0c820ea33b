/**
 * Which values to try next, to find where a level begins or ceases to be kept: both ends, then
 * halving. Halving assumes that there is one such place, and never sees another; so the middle of
 * the widest gap on either side is tried too, as a check. The steps follow from the verdicts alone,
 * so a search that was stopped goes on with the same.
 */

/** Whole numbers; lo < hi. */
export interface SearchRange {
  readonly lo: number;
  readonly hi: number;
}

export interface SearchStep {
  /** To be tried now; none where the search is over. */
  readonly next: readonly number[];
  /** Neighbours of which one keeps the level; absent where both ends do, or neither. */
  readonly edge?: readonly [number, number];
}

/** `kept`: the verdicts so far. */
export function searchStep(range: SearchRange, kept: ReadonlyMap<number, boolean>): SearchStep {
  const untried = (values: readonly number[]) => values.filter((value) => !kept.has(value));
  let [below, above] = [range.lo, range.hi];
  const ends = untried([below, above]);
  if (ends.length > 0) return { next: ends };
  if (kept.get(below) === kept.get(above)) return { next: untried(widestMiddle([below, above])) };
  const tried = [below, above];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (!kept.has(middle)) return { next: [middle] };
    tried.push(middle);
    if (kept.get(middle) === kept.get(range.lo)) below = middle;
    else above = middle;
  }
  const sides = [tried.filter((value) => value <= below), tried.filter((value) => value >= above)];
  return { next: untried(sides.flatMap(widestMiddle)), edge: [below, above] };
}

/**
 * The same where too much does harm, as on a cluster that others use: from the least, doubling
 * until the level is missed, and only then halving between. `range`: what was gone through.
 */
export function growingStep(
  range: SearchRange,
  kept: ReadonlyMap<number, boolean>,
): SearchStep & { readonly range: SearchRange } {
  const rungs = ladder(range);
  const missed = rungs.findIndex((rung) => kept.get(rung) === false);
  const tried = missed < 0 ? rungs : rungs.slice(0, missed + 1);
  const next = tried.find((rung) => !kept.has(rung));
  if (next !== undefined) return { next: [next], range };
  const gone = { lo: range.lo, hi: tried.at(-1) as number };
  return { ...searchStep(gone, kept), range: gone };
}

/** The least, twice that, and so on to the greatest. */
function ladder({ lo, hi }: SearchRange): readonly number[] {
  const rungs: number[] = [];
  for (let rung = Math.max(1, lo); rung < hi; rung *= 2) rungs.push(rung);
  return [...new Set([lo, ...rungs, hi])];
}

/** The middle of the widest gap between values; nothing where all are neighbours. */
function widestMiddle(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const gaps = sorted.flatMap((value, i) => {
    const next = sorted[i + 1];
    return next === undefined ? [] : [{ width: next - value, at: Math.floor((value + next) / 2) }];
  });
  const widest = gaps.toSorted((a, b) => b.width - a.width)[0];
  return widest === undefined || widest.width < 2 ? [] : [widest.at];
}

/** How many values a search tries at most. */
export function searchLength(range: SearchRange, grows = false): number {
  const { lo, hi } = range;
  const halving = Math.ceil(Math.log2(hi - lo));
  // Between two rungs is at most half of the greater one.
  const first = grows ? ladder(range).length : 2;
  return Math.min(hi - lo + 1, first + halving + 2);
}
