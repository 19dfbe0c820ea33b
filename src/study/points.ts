/**
 * The runs of a study: each combination of the varied values, on each cluster, as often as it is
 * repeated. The order is that of the question, so the same question is always the same list.
 */

import type { PointSet } from '../compare/study-point.ts';
import { UsageError } from '../core/usage-error.ts';
import type { GroupedRun } from '../record/group.ts';

export type Vary = Readonly<Record<string, readonly string[]>>;

/** Runs of one study: more are a mistake in the grid. */
const RUNS_MAX = 10_000;

/** `path=a,b,c`; a value that holds a comma cannot be varied. */
export function parseVary(texts: readonly string[]): Vary {
  const vary: Record<string, readonly string[]> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const path = text.slice(0, at).trim();
    const values = text
      .slice(at + 1)
      .split(',')
      .map((value) => value.trim());
    if (at < 1 || values.some((value) => value === '')) {
      throw new UsageError(`--vary ${text}: say path=a,b,c`);
    }
    if (vary[path] !== undefined) throw new UsageError(`--vary ${path} is given more than once`);
    if (new Set(values).size < values.length) {
      throw new UsageError(`--vary ${text}: a value is there twice`);
    }
    vary[path] = values;
  }
  return vary;
}

/** All points, the last path varying fastest. */
export function gridPoints(vary: Vary): readonly PointSet[] {
  let points: readonly PointSet[] = [{}];
  for (const [path, values] of Object.entries(vary)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [path]: value })));
  }
  return points;
}

/** Each path with its values, in the order of the points. */
export function variedFields(points: readonly PointSet[]): Vary {
  const vary: Record<string, string[]> = {};
  for (const [path, value] of points.flatMap((set) => Object.entries(set))) {
    const values = (vary[path] ??= []);
    if (!values.includes(value)) values.push(value);
  }
  return vary;
}

/** How the runs of a study are spread. */
export interface Spread {
  /** A cluster each; `prefix` begins the names of its runs. */
  readonly clusters: readonly { readonly name: string | undefined; readonly prefix: string }[];
  readonly repeat: number;
}

/** None of them made yet; `before` points have been listed already. */
export function pointRuns(
  points: readonly PointSet[],
  { clusters, repeat }: Spread,
  before = 0,
): readonly GroupedRun[] {
  const count = points.length * clusters.length * repeat;
  if (count > RUNS_MAX) throw new UsageError(`a study has at most ${RUNS_MAX} runs, not ${count}`);
  return points.flatMap((set, i) =>
    clusters.flatMap(({ name, prefix }) =>
      Array.from({ length: repeat }, (_, j) => ({
        run: `${prefix}p${before + i + 1}-r${j + 1}`,
        set,
        ...(name === undefined ? {} : { cluster: name }),
        repeat: j + 1,
        done: false,
      })),
    ),
  );
}
