/** `bench lab check FILE`, `bench lab up FILE`: is the lab there and well / bring it up, timed. */

import type { CommandBody } from './command-body.ts';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { checkLab, type LabFinding } from '../run/lab-check.ts';
import { isReady, labLines, labVerdict } from '../run/lab-text.ts';
import { unfinishedRun } from '../run/unfinished-run.ts';
import type { Session } from '../run/session.ts';
import { withAccess } from './cluster-access.ts';
import {
  connectionChoice,
  type ConnectionArguments,
  connectionOptions,
  requiredConnection,
} from './connection-options.ts';
import { resumeRun } from './resume-command.ts';
import { realClusterOptions, type RunArguments, runScenario } from './run-command.ts';
import { loadOrTell } from './scenario-argument.ts';
import { SCENARIO, SET, showOptions } from './shared-options.ts';

interface CheckArguments extends ConnectionArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly json: boolean;
}

export function labCommand(session: Session): CommandBody {
  return {
    builder: (yargs) =>
      yargs
        .command(checkCommand(session))
        .command(upCommand(session))
        .demandCommand(1, 'check or up?'),
    handler: () => {},
  };
}

function checkCommand(session: Session): CommandModule<object, CheckArguments> {
  return {
    command: 'check <scenario>',
    describe: 'Is what the scenario leaves behind there and well? Only reads',
    builder: (yargs) => checkOptions(yargs) as Argv<CheckArguments>,
    handler: (args) => check(session, args),
  };
}

function checkOptions(yargs: Argv): Argv {
  const own = yargs
    .positional('scenario', SCENARIO)
    .option('set', SET)
    .option('json', { type: 'boolean', default: false, describe: 'The findings as JSON' });
  return connectionOptions(own)
    .example('$0 lab check scenarios/lab-odf.yaml --context prod', 'ready, or why not')
    .epilogue('Exit codes: 0 all is ready; 64 something is not.');
}

async function check(session: Session, args: CheckArguments): Promise<void> {
  const choice = requiredConnection(args);
  const scenario = loadOrTell(session, args);
  if (scenario === undefined) return session.finish(EXIT.usage);
  const plan = planOf(scenario);
  await withAccess(session, choice, async ({ client }) => {
    const findings = await checkLab(client, plan);
    const { screen } = session;
    if (args.json) screen.print(`${JSON.stringify(findings, undefined, 2)}\n`);
    else
      screen.print(`${[...labLines(findings), labVerdict(plan.scenario, findings)].join('\n')}\n`);
    if (!isReady(findings)) session.finish(EXIT.usage);
  });
}

/** No run bears it: names of the lab's own objects do not depend on it. */
const RUN_ID = 'lab';

function planOf(scenario: Parameters<typeof makePlan>[0]): Plan {
  const plan = makePlan(scenario, { runId: RUN_ID });
  const isLab = plan.steps.some((step) => step.kind === 'apply' && staysIn(step));
  if (isLab) return plan;
  throw new UsageError(`${scenario.name} leaves nothing behind: say keep: true of what is to stay`);
}

function staysIn({ waves }: Exclude<Plan['steps'][number], { kind: 'pause' }>): boolean {
  return waves.some(({ operations }) => operations.some(({ keep }) => keep));
}

type UpArguments = RunArguments;

function upCommand(session: Session): CommandModule<object, UpArguments> {
  return {
    command: 'up <scenario>',
    describe: 'Bring it up, each wait timed; goes on after a crash',
    builder: (yargs) => upOptions(yargs) as Argv<UpArguments>,
    handler: (args) => up(session, args),
  };
}

function upOptions(yargs: Argv): Argv {
  const own = showOptions(yargs).positional('scenario', SCENARIO).option('set', SET);
  return realClusterOptions(own)
    .example('$0 lab up lab-odf', 'a rehearsal on the embedded cluster')
    .epilogue(
      'What is there already stays as it is. There is no down: it would remove data with storage.',
    );
}

/** What a run is asked for that a lab is not. */
const ONE_RUN = {
  runId: undefined,
  seed: undefined,
  gate: false,
  confirm: 0,
  repeat: 1,
  group: undefined,
} as const;

async function up(session: Session, args: ArgumentsCamelCase<UpArguments>): Promise<void> {
  const choice = connectionChoice(args);
  const scenario = loadOrTell(session, args);
  if (scenario === undefined) return session.finish(EXIT.usage);
  const plan = planOf(scenario);
  const cutOff = choice && unfinishedRun(args.results, scenario, choice);
  if (cutOff === undefined) await runScenario(session, { ...args, ...ONE_RUN });
  else await resumeRun(session, { ...args, run: cutOff });
  if (choice === undefined) return;
  // What is not ready says why, and what helps: the deadline of a step does not.
  await withAccess(session, choice, async ({ client }) =>
    tell(session, await checkLab(client, plan)),
  );
}

function tell({ screen }: Session, findings: readonly LabFinding[]): void {
  for (const line of labLines(findings.filter(({ state }) => state !== 'ready'))) screen.tell(line);
}
