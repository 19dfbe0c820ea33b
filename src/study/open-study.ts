/**
 * A question made ready: its scenario read with what each point sets, its name, its seeds and its
 * folder. Of a grid each value is tried once, not each combination; a combination that does not fit
 * is found by its run.
 */

import { join } from 'node:path';
import type { PointSet } from '../compare/study-point.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type StudyCourse, studyCourse } from './course.ts';
import {
  clusterSeeds,
  firstPoints,
  questionDigest,
  repeatedSeeds,
  settings,
  type StudyQuestion,
} from './question.ts';

export interface OpenStudy {
  readonly asked: StudyQuestion;
  readonly id: string;
  /** Digest of what is asked. */
  readonly question: string;
  /** Of the first point. */
  readonly scenario: Scenario;
  /** Of the first repeat, for each cluster. */
  readonly seeds: readonly number[];
  readonly path: string;
  /** What was set to try it: each value on each cluster, `path=value` each. */
  readonly tried: readonly (readonly string[])[];
  readonly course: StudyCourse;
}

const DEFAULT_SEED = 1;

/** The study, or all that is wrong with what it asks. `id`: where the question has no name. */
export function openStudy(
  asked: StudyQuestion,
  results: string,
  id: string | undefined,
): OpenStudy | { readonly problems: readonly Problem[] } {
  const [one] = asked.clusters;
  const base = loadScenario(asked.scenario, one === undefined ? [] : settings(asked, one, {}));
  if (!('scenario' in base)) return base;
  const points = firstPoints(asked, base.scenario);
  const tried = asked.clusters.flatMap((cluster) =>
    probes(points, asked).map((point) => settings(asked, cluster, point)),
  );
  const parsed = tried.map((sets) => loadScenario(asked.scenario, sets));
  const problems = parsed.flatMap((each) => ('problems' in each ? each.problems : []));
  const scenarios = parsed.flatMap((each) => ('scenario' in each ? each.scenario : []));
  const [scenario] = scenarios;
  if (problems.length > 0 || scenario === undefined) return { problems };
  const seeds = clusterSeeds(asked, asked.seed ?? scenario.simulation.seed ?? DEFAULT_SEED);
  const repeated = repeatedSeeds(asked, seeds);
  if (repeated.length > 0) return { problems: repeated };
  const question = questionDigest(asked, scenarios, seeds);
  const own = id ?? asked.name ?? `study-${question.slice(0, 8)}`;
  const path = join(results, scenario.name, own);
  const course = studyCourse(asked, own, points);
  return { asked, id: own, question, scenario, seeds, path, tried, course };
}

/** The first point, and each value beside it; of constants the first, as we made the others. */
function probes(points: readonly PointSet[], { sensitivity }: StudyQuestion): readonly PointSet[] {
  const [first] = points;
  if (sensitivity !== undefined) return points.slice(0, 1);
  const seen = new Set<string>();
  return points.filter((point) => {
    const others = Object.entries(point).filter(([path, value]) => first?.[path] !== value);
    const [other] = others;
    if (point !== first && (others.length !== 1 || other === undefined)) return false;
    const key = other?.join('=') ?? '';
    return !seen.has(key) && Boolean(seen.add(key));
  });
}
