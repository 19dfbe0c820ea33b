/** The scenario that describes a cluster to host: the user's, or the built-in one. */

import { loadScenario } from '../scenario/load.ts';
import { type Parsed, parseScenario } from '../scenario/parse.ts';
import { formatProblem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ClusterArguments } from './cluster-options.ts';
import { parseOnTwin } from './twin-option.ts';
import { BUILT_IN_NAME, BUILT_IN_SCENARIO } from './built-in-scenario.ts';

/** Undefined once its problems have been told. */
export function scenarioFor(
  { scenario, set, fault, twin }: Pick<ClusterArguments, 'scenario' | 'set' | 'fault' | 'twin'>,
  tell: (line: string) => void,
): Scenario | undefined {
  const asked = [...set, ...fault.map((each) => `simulation.faults.${each}`)];
  const parse = (overrides: readonly string[]): Parsed =>
    scenario === undefined
      ? parseScenario(BUILT_IN_SCENARIO, BUILT_IN_NAME, { overrides })
      : loadScenario(scenario, overrides);
  const parsed = parseOnTwin(parse, asked, twin);
  if ('scenario' in parsed) return parsed.scenario;
  for (const problem of parsed.problems) tell(formatProblem(problem));
  return undefined;
}
