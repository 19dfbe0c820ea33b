/** The scenario that describes a cluster to host: the user's, or the built-in one. */

import { loadScenario } from '../scenario/load.ts';
import { type Parsed, parseScenario } from '../scenario/parse.ts';
import { formatProblem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ClusterArguments } from './cluster-options.ts';
import { BUILT_IN_NAME, BUILT_IN_SCENARIO } from './built-in-scenario.ts';

/** Undefined once its problems have been told. */
export function scenarioFor(
  { scenario, set, fault }: Pick<ClusterArguments, 'scenario' | 'set' | 'fault'>,
  tell: (line: string) => void,
): Scenario | undefined {
  const overrides = [...set, ...fault.map((each) => `simulation.faults.${each}`)];
  const parsed: Parsed =
    scenario === undefined
      ? parseScenario(BUILT_IN_SCENARIO, BUILT_IN_NAME, { overrides })
      : loadScenario(scenario, overrides);
  if ('scenario' in parsed) return parsed.scenario;
  for (const problem of parsed.problems) tell(formatProblem(problem));
  return undefined;
}
