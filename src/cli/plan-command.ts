/** `bench plan SCENARIO`: what would be created, when, and how much storage; touches nothing. */

import type { CommandBody } from './command-body.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { roleText } from '../cluster/role-text.ts';
import { UsageError } from '../core/usage-error.ts';
import { resolveParameters } from '../parameters/parameters.ts';
import { measuredLike, planDuration } from '../plan/duration.ts';
import { expectSteps, isReckoned } from '../plan/expected/expected-steps.ts';
import { findRun } from '../record/layout.ts';
import { readMeasuredRun } from '../run/measured-run.ts';
import { checkRunId } from '../run/new-run.ts';
import { measuredSteps } from '../run/measured-waves.ts';
import { once } from './options.ts';
import { computeDemand } from '../run/demand.ts';
import { summarisePlan, type WaveStepSummary } from '../plan/summary.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { formatProblem } from '../scenario/problem.ts';
import type { Screen } from '../run/session.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { type Lasting, operationLines, planText } from './plan-text.ts';
import type { Session } from '../run/session.ts';
import { RESULTS, SCENARIO, SET } from './shared-options.ts';

export interface PlanArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly runId: string;
  readonly json: boolean;
  readonly operations: boolean;
  readonly rbac: boolean;
  readonly run: string | undefined;
  readonly results: string;
}

export function planCommand(session: Session): CommandBody<PlanArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional('scenario', SCENARIO)
        .option('set', SET)
        .option('run-id', { type: 'string', default: 'dry-run', describe: 'Id of the run' })
        .option('json', { type: 'boolean', default: false, describe: 'The plan as JSON' })
        .option('operations', {
          type: 'boolean',
          default: false,
          describe: 'Every single operation with its intended start',
        })
        .option('rbac', {
          type: 'boolean',
          default: false,
          describe: 'The roles that the run needs, as YAML to apply',
        })
        .option('run', {
          type: 'string',
          describe: 'A measured run: by its waves, how long will this take?',
          coerce: once('run'),
        })
        .option('results', RESULTS)
        .example('$0 plan smoke', 'waves, objects, storage and how long, without a cluster')
        .example('$0 plan S --operations --json', 'for a program')
        .example('$0 plan S --run latest', 'how long, by the waves of a run')
        .example('$0 plan S --rbac > roles.yaml', 'what the run has to be allowed'),
    handler: (args) => session.finish(runPlan(args, session.screen)),
  };
}

/** Prints the plan on stdout, or the scenario's problems on stderr. */
function runPlan(args: PlanArguments, screen: Pick<Screen, 'print' | 'tell' | 'out'>): ExitCode {
  const loaded = loadScenario(args.scenario, args.set);
  if ('problems' in loaded) {
    for (const problem of loaded.problems) screen.tell(formatProblem(problem));
    return EXIT.usage;
  }
  checkRunId(args.runId);
  const plan = makePlan(loaded.scenario, { runId: args.runId });
  if (args.rbac) {
    const demand = computeDemand(loaded.scenario, plan);
    screen.print(roleText({ ...demand, name: loaded.scenario.name }));
    return EXIT.ok;
  }
  const lasts = lastingOf(plan, loaded.scenario, args);
  screen.print(
    args.json ? planJson(plan, args.operations, lasts) : planPage(plan, args, { lasts, screen }),
  );
  return EXIT.ok;
}

/** By the run that is named, else by arithmetic. Throws UsageError where it cannot be read. */
function lastingOf(
  plan: Plan,
  scenario: Scenario,
  { run, results }: PlanArguments,
): Lasting | undefined {
  if (run === undefined) return isReckoned(scenario) ? reckoned(plan, scenario) : undefined;
  const found = findRun(results, run);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const read = readMeasuredRun(found.folder);
  if (read.kind === 'unreadable') throw new UsageError(read.message);
  const measured = measuredSteps(read.measured.summary);
  const like = (step: WaveStepSummary) => measuredLike(step, measured);
  return { run: found.folder.runId, ...planDuration(summarisePlan(plan), like) };
}

function reckoned(plan: Plan, scenario: Scenario): Lasting {
  const { parameters, release } = scenario.simulation;
  const expected = expectSteps(plan, scenario, resolveParameters(parameters, release));
  const { seconds, steps, unmeasured } = planDuration(summarisePlan(plan), ({ index }) => {
    return expected.get(index);
  });
  return { constants: 'simulated', seconds, steps, unmeasured };
}

interface Page {
  readonly lasts: Lasting | undefined;
  readonly screen: Pick<Screen, 'out'>;
}

function planPage(plan: Plan, args: PlanArguments, { lasts, screen: { out } }: Page): string {
  const lines = planText(summarisePlan(plan), out.columns, lasts);
  return [...lines, ...(args.operations ? operationLines(plan) : []), ''].join('\n');
}

function planJson(plan: Plan, operations: boolean, lasts: Lasting | undefined): string {
  const summary = { ...summarisePlan(plan), ...(lasts && { lasts }) };
  // A manifest is a function: JSON leaves it out.
  const value = operations ? { ...summary, plan } : summary;
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
