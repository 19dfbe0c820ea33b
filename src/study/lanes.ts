/**
 * Which runs may go side by side: each on an embedded cluster, but of those on one real cluster
 * only one, as they would measure each other. A lane is what one pod makes, from first to last.
 */

/** In the order of their first entry. `laneOf` undefined: a lane of its own. */
export function makeLanes<T>(
  items: readonly T[],
  laneOf: (item: T) => string | undefined,
): readonly (readonly T[])[] {
  const lanes: T[][] = [];
  const shared = new Map<string, T[]>();
  for (const item of items) {
    const name = laneOf(item);
    const lane = name === undefined ? undefined : shared.get(name);
    if (lane !== undefined) {
      lane.push(item);
      continue;
    }
    const begun = [item];
    lanes.push(begun);
    if (name !== undefined) shared.set(name, begun);
  }
  return lanes;
}
