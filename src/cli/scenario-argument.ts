/** The scenario that a command line names, or all that is wrong with it. */

import { loadScenario } from '../scenario/load.ts';
import { formatProblem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Session } from '../run/session.ts';
import { parseOnTwin } from './twin-option.ts';

export interface ScenarioArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  /** A twin to simulate it on. */
  readonly twin?: string | undefined;
}

/** The scenario; undefined once its problems have been told. */
export function loadOrTell({ screen }: Session, args: ScenarioArguments): Scenario | undefined {
  const { scenario, set, twin } = args;
  const parsed = parseOnTwin((overrides) => loadScenario(scenario, overrides), set, twin);
  if ('scenario' in parsed) return parsed.scenario;
  for (const problem of parsed.problems) screen.tell(formatProblem(problem));
  return undefined;
}
