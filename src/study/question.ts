/**
 * What a study asks, whoever said so, a command line or a file. Points are what is set differently,
 * each is made on each cluster and repeated there. The order is part of it, since the place of a
 * run in the list is what a pod is told to make.
 */

import { createHash } from 'node:crypto';
import type { AskedLevel } from '../compare/level-answer.ts';
import type { PointSet } from '../compare/study-point.ts';
import type { ConnectionChoice } from '../kube/kubeconfig.ts';
import { argumentProblem, type Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { scenarioHash } from '../scenario/scenario-hash.ts';
import type { AskedRange } from './level.ts';
import { gridPoints, type Vary } from './points.ts';
import { sensitivityPoints } from './sensitivity-points.ts';

export interface StudyQuestion {
  /** Of the study's folder; undefined: from what it asks. */
  readonly name: string | undefined;
  /** The scenario's file. */
  readonly scenario: string;
  /** `path=value` of all runs. */
  readonly set: readonly string[];
  /** A grid; empty where only clusters differ, or a level is searched for. */
  readonly vary: Vary;
  readonly search: AskedSearch | undefined;
  /** Each of these calibrated constants by itself; all where empty; a grid where undefined. */
  readonly sensitivity: readonly string[] | undefined;
  /** Runs of each point on each cluster. */
  readonly repeat: number;
  /** Of the first run of each point; undefined: the scenario's. */
  readonly seed: number | undefined;
  /** At least one. */
  readonly clusters: readonly StudyCluster[];
}

export interface AskedSearch {
  /** As it was written. */
  readonly text: string;
  readonly level: AskedLevel;
  readonly range: AskedRange;
}

export interface StudyCluster {
  /** Undefined where it is the only one. */
  readonly name: string | undefined;
  /** Undefined for an embedded simulated one. */
  readonly connection: ConnectionChoice | undefined;
  /** `path=value` of all runs on it. */
  readonly set: readonly string[];
  /** Of its first repeat; undefined: after those of the cluster before it. */
  readonly seed: number | undefined;
  /** The Secret that holds its kubeconfig for a pod; undefined: one of the cluster's name. */
  readonly secret?: string | undefined;
}

/** The embedded cluster alone. */
export const EMBEDDED: StudyCluster = {
  name: undefined,
  connection: undefined,
  set: [],
  seed: undefined,
};

/** The points that are certain to be made. Throws UsageError for constants that are none. */
export function firstPoints(
  { search, vary, sensitivity }: StudyQuestion,
  { simulation }: Pick<Scenario, 'simulation'>,
): readonly PointSet[] {
  if (sensitivity !== undefined) return sensitivityPoints(simulation, sensitivity);
  if (search === undefined) return gridPoints(vary);
  const { lo, hi } = search.range;
  return [lo, hi].map((value) => searchedSet(search.range, value));
}

export function searchedSet({ path, unit }: AskedRange, value: number): PointSet {
  return { [path]: `${value}${unit}` };
}

/** What is set of a point on a cluster: `path=value` each. */
export function settings(
  { set }: StudyQuestion,
  cluster: StudyCluster,
  point: PointSet,
): readonly string[] {
  const own = Object.entries(point).map(([path, value]) => `${path}=${value}`);
  return [...set, ...cluster.set, ...own];
}

/** The first seed of each cluster, in their order; those of repeats follow. */
export function clusterSeeds({ clusters, repeat }: StudyQuestion, seed: number): readonly number[] {
  let next = seed;
  return clusters.map((cluster) => {
    const own = cluster.seed ?? next;
    next = own + repeat;
    return own;
  });
}

/** What a problem with the seed of a cluster is told under. */
export function seedPlace(cluster: number): string {
  return `targets.${cluster}.seed`;
}

/**
 * Clusters whose seeds overlap with those of one before them, repeats counted: a simulated cluster
 * of the same seed is the same cluster, and would be counted twice.
 */
export function repeatedSeeds(
  { clusters, repeat }: StudyQuestion,
  seeds: readonly number[],
): readonly Problem[] {
  return seeds.flatMap((seed, i) => {
    const other = seeds.findIndex((each, j) => j < i && Math.abs(each - seed) < repeat);
    if (other < 0) return [];
    const last = (seeds[other] as number) + repeat - 1;
    const own = `its seeds ${seed}-${seed + repeat - 1}`;
    const message = `${own} are partly those of ${clusters[other]?.name}`;
    const remedy = `the same seed is the same simulated cluster: use ${last + 1} or more, or none`;
    return [argumentProblem(seedPlace(i), message, remedy)];
  });
}

/**
 * Digest of all that decides what comes out, files that the scenario names included: of the same
 * question it is the same, so that asking again goes on. `scenarios`: of the first points.
 */
export function questionDigest(
  question: StudyQuestion,
  scenarios: readonly Scenario[],
  seeds: readonly number[],
): string {
  const { set, vary, search, sensitivity, repeat, clusters } = question;
  const asked = search === undefined ? (sensitivity ?? vary) : [search.text, search.range];
  const where = clusters.map(({ name, connection, set: own }, i) => [
    name,
    // Which file the credentials of a named one are in is not what is asked.
    name === undefined && connection !== undefined ? connection : connection !== undefined,
    own,
    seeds[i],
  ]);
  const measured = scenarios.map((each) => [each.name, each.origin.text, scenarioHash(each)]);
  const all = [measured, set, asked, repeat, where];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}
