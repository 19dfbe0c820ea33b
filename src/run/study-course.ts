/**
 * What a study makes, in which order, and what it says at the end: all points of a grid, or the
 * points that a search for a level leads to. Whatever it is, the next runs follow from those that
 * were made and from nothing else, so a study that was stopped goes on as if it had not been.
 */

import { answerLevel, type AskedLevel, judgePoint } from '../compare/level-answer.ts';
import { searchLength, searchStep } from '../compare/level-search.ts';
import {
  groupBy,
  type PointSet,
  setKey,
  type StudyRun,
  summarisePoint,
} from '../compare/study-point.ts';
import { type StudyHead, type StudySummary, summariseStudy } from '../compare/study-summary.ts';
import { UsageError } from '../core/usage-error.ts';
import type { GroupedRun } from '../record/group.ts';
import type { AskedRange } from './study-level.ts';
import { gridPoints, pointRuns, type Vary } from './study-points.ts';

export interface StudyCourse {
  /** What is certain to be made. */
  readonly first: readonly PointSet[];
  /** How many runs it will be, at most. */
  readonly expected: number;
  /** Runs to be made after these; none where that was all. */
  next(made: readonly StudyRun[]): readonly GroupedRun[];
  /** Of all, or of what there is. */
  summarise(head: Omit<StudyHead, 'vary'>, made: readonly StudyRun[]): StudySummary;
}

export function gridCourse(vary: Vary, repeat: number): StudyCourse {
  const first = gridPoints(vary);
  return {
    first,
    expected: first.length * repeat,
    next: (made) => (made.length > 0 ? [] : pointRuns(first, repeat)),
    summarise: (head, made) => summariseStudy({ ...head, vary }, made),
  };
}

export function searchCourse(level: AskedLevel, range: AskedRange, repeat: number): StudyCourse {
  const { path, unit, lo, hi } = range;
  const setFor = (value: number): PointSet => ({ [path]: `${value}${unit}` });
  const valueOf = ({ set }: { readonly set: PointSet }) => Number.parseInt(set[path] ?? '', 10);
  const search = (made: readonly StudyRun[]) => {
    const points = [...groupBy(made, ({ set }) => setKey(set)).values()];
    const judged = points.map((runs) => {
      const point = summarisePoint(runs, path);
      const verdict = judgePoint(level, valueOf(point), point);
      if (verdict !== undefined) return verdict;
      const there = [...new Set(point.metrics.map(({ metric }) => metric))].join(', ');
      throw new UsageError(`--until: the runs have no figure ${level.metric}; they have ${there}`);
    });
    return { judged, ...searchStep(range, new Map(judged.map((one) => [one.value, one.isKept]))) };
  };
  return {
    first: [lo, hi].map(setFor),
    expected: searchLength(range) * repeat,
    next: (made) => {
      const before = groupBy(made, ({ set }) => setKey(set)).size;
      return pointRuns(search(made).next.map(setFor), repeat, before);
    },
    summarise: (head, made) => {
      const sorted = made.toSorted((a, b) => valueOf(a) - valueOf(b));
      const vary = { [path]: [...new Set(sorted.map(({ set }) => set[path] ?? ''))] };
      const summary = summariseStudy({ ...head, vary }, sorted);
      const { judged, next } = search(made);
      if (next.length > 0) return summary;
      return { ...summary, answer: answerLevel(level, path, range, judged) };
    },
  };
}
