/** How a command gets hold of a cluster: target.ts does it for real, tests bring their own. */

import type { Setting } from '../benchmark.ts';
import type { Target } from '../record/entry.ts';
import type { EnvironmentFact } from '../record/manifest.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ClusterAccess } from './cluster-handle.ts';

export interface TargetOptions {
  readonly seed: number;
  /** A real cluster; the embedded one where undefined. */
  readonly access?: ClusterAccess | undefined;
  /** A real cluster that answers nothing for so long is lost. */
  readonly lostAfterUs?: number | undefined;
  /** What was deleted on it and makes no progress for so long is left. */
  readonly deletionDeadlineUs?: number | undefined;
  /** Address of the cluster's Prometheus. */
  readonly prometheus?: string | undefined;
  /** Programs that the scenario names may be run. */
  readonly allowExec?: boolean | undefined;
  /** Names of nodes and servers are recorded as hashes. */
  readonly hashNames?: boolean | undefined;
}

export interface OpenedTarget {
  readonly kind: Target;
  readonly seed: number;
  /**
   * The cluster, in its time. An embedded one comes into being here, and is gone with the setting:
   * it is many times larger than all that is computed of it later.
   */
  open(): Setting;
  /** One line for people: which cluster this is. */
  readonly description: string;
  /** Which cluster this is to comparisons over many nights. */
  readonly environment?: EnvironmentFact;
  /** Of a real cluster. */
  readonly access?: ClusterAccess;
}

/** Without a scenario, load is not made but observed, which takes a real cluster. */
export type OpenTarget = (
  scenario: Scenario | undefined,
  options: TargetOptions,
) => Promise<OpenedTarget>;
