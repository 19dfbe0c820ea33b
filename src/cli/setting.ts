/** How a command gets hold of a cluster: target.ts does it for real, tests bring their own. */

import type { Setting } from '../benchmark.ts';
import type { EnvironmentFact } from '../record/manifest.ts';
import type { Scenario } from '../scenario/scenario.ts';

export interface TargetOptions {
  readonly seed: number;
}

export interface OpenedTarget {
  readonly setting: Setting;
  /** One line for people: which cluster this is. */
  readonly description: string;
  /** Which cluster this is to comparisons over many nights. */
  readonly environment?: EnvironmentFact;
}

export type OpenTarget = (scenario: Scenario, options: TargetOptions) => Promise<OpenedTarget>;
