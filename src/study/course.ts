/**
 * What a study makes, in which order, and what it says at the end: all points of a grid, or the
 * points that a search for a level leads to. Whatever it is, the next runs follow from those that
 * were made and from nothing else, so a study that was stopped goes on as if it had not been.
 */

import { answerLevel, judgePoint } from '../compare/level-answer.ts';
import { growingStep, searchLength, searchStep } from '../compare/level-search.ts';
import {
  groupBy,
  type PointSet,
  pointKey,
  type StudyRun,
  summarisePoint,
} from '../compare/study-point.ts';
import {
  type StudyHead,
  type StudySummary,
  summariseStudy,
  withSensitivities,
} from '../compare/study-summary.ts';
import { UsageError } from '../core/usage-error.ts';
import type { GroupedRun } from '../record/group.ts';
import { pointRuns, variedFields } from './points.ts';
import { type AskedSearch, searchedSet, type StudyQuestion } from './question.ts';

export interface StudyCourse {
  /** How many runs it will be, at most. */
  readonly expected: number;
  /** What is varied, as far as it is known before. */
  readonly vary: StudyHead['vary'];
  /** Runs to be made after these; none where that was all. */
  next(made: readonly StudyRun[]): readonly GroupedRun[];
  /** Of all, or of what there is. */
  summarise(head: Omit<StudyHead, 'vary'>, made: readonly StudyRun[]): StudySummary;
}

/** `id`: of the study; `first`: the points that are certain to be made. */
export function studyCourse(
  { search, sensitivity, clusters, repeat }: StudyQuestion,
  id: string,
  first: readonly PointSet[],
): StudyCourse {
  const spread = { clusters: clusters.map((cluster) => named(cluster, id)), repeat };
  const runs = (points: readonly PointSet[], before = 0) => pointRuns(points, spread, before);
  if (search !== undefined) {
    const grows = clusters.some(({ connection }) => connection !== undefined);
    return searchCourse({ ...search, repeat, grows }, runs);
  }
  const all = runs(first);
  const vary = variedFields(first);
  return {
    expected: all.length,
    vary,
    next: (made) => (made.length > 0 ? [] : all),
    summarise: (head, made) => {
      const summary = summariseStudy({ ...head, vary }, made);
      return sensitivity === undefined ? summary : withSensitivities(summary);
    },
  };
}

/** On a cluster that outlives the study, its runs are told from those of others by their names. */
function named({ name, connection }: StudyQuestion['clusters'][number], id: string) {
  const own = name === undefined ? '' : `${name}-`;
  return { name, prefix: connection === undefined ? own : `${id}-${own}` };
}

type MakeRuns = (points: readonly PointSet[], before?: number) => readonly GroupedRun[];

interface Search extends AskedSearch {
  readonly repeat: number;
  /** A real cluster is not met with the greatest load first. */
  readonly grows: boolean;
}

function searchCourse({ level, range, repeat, grows }: Search, runsOf: MakeRuns): StudyCourse {
  const { path } = range;
  const valueOf = ({ set }: { readonly set: PointSet }) => Number.parseInt(set[path] ?? '', 10);
  const setFor = (value: number) => searchedSet(range, value);
  const search = (made: readonly StudyRun[]) => {
    const judged = [...groupBy(made, pointKey).values()].map((runs) => {
      const point = summarisePoint(runs);
      const verdict = judgePoint(level, valueOf(point), point);
      if (verdict !== undefined) return verdict;
      const there = [...new Set(point.metrics.map(({ metric }) => metric))].join(', ');
      throw new UsageError(`--until: the runs have no figure ${level.metric}; they have ${there}`);
    });
    const kept = new Map(judged.map((one) => [one.value, one.isKept]));
    return {
      judged,
      ...(grows ? growingStep(range, kept) : { range, ...searchStep(range, kept) }),
    };
  };
  return {
    expected: searchLength(range, grows) * repeat,
    vary: { [path]: [] },
    next: (made) => runsOf(search(made).next.map(setFor), groupBy(made, pointKey).size),
    summarise: (head, made) => {
      const sorted = made.toSorted((a, b) => valueOf(a) - valueOf(b));
      const vary = { [path]: [...new Set(sorted.map(({ set }) => set[path] ?? ''))] };
      const summary = summariseStudy({ ...head, vary }, sorted);
      const { judged, next, range: gone } = search(made);
      if (next.length > 0) return summary;
      return { ...summary, answer: answerLevel(level, path, gone, judged) };
    },
  };
}
