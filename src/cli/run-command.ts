/** `bench run SCENARIO`: measure, write the run's folder, print the tables. */

import type { CommandBody } from './command-body.ts';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { freeRunId } from '../record/layout.ts';
import {
  connectionChoice,
  type ConnectionArguments,
  connectionOptions,
  checkPrometheus,
  realRunOptions,
} from './connection-options.ts';
import { EXIT } from '../core/exit-code.ts';
import { confirmSuspect } from '../run/confirm-suspect.ts';
import { checkGate, type GateArguments, type GateOutput } from '../run/gate.ts';
import { CONFIRM, gateOptions } from './gate-options.ts';
import { checkFree, checkRunId, stampedRunId } from '../run/new-run.ts';
import { once, wholeNumber } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import { runGroup } from '../run/run-group.ts';
import { againMaker, type MakerArguments, runMaker } from './run-maker.ts';
import { loadOrTell } from './scenario-argument.ts';
import type { Session } from '../run/session.ts';
import { SCENARIO, SET, showOptions, YES } from './shared-options.ts';
import { refuseTwin, TWIN } from './twin-option.ts';
import { checkExternal } from '../run/run-external.ts';

export interface RunArguments extends MakerArguments, ConnectionArguments {
  readonly scenario: string;
  readonly runId: string | undefined;
  readonly seed: number | undefined;
  readonly twin: string | undefined;
  readonly set: readonly string[];
  readonly repeat: number;
  readonly group: string | undefined;
}

const DEFAULT_SEED = 1;

export function runCommand(session: Session): CommandBody<RunArguments> {
  return {
    builder: options,
    handler: (args) => runScenario(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = showOptions(yargs)
    .positional('scenario', SCENARIO)
    .option('run-id', {
      type: 'string',
      describe: 'Name of the run [default: from the seed]',
      coerce: once('run-id'),
    })
    .option('seed', {
      type: 'number',
      describe: 'Seed of the simulated cluster [default: from the scenario, else 1]',
      coerce: wholeNumber('seed'),
    })
    .option('set', SET)
    .option('twin', TWIN)
    .option('repeat', {
      type: 'number',
      default: 1,
      describe: 'Make so many runs, one after the other, as a group: how much do they differ?',
      coerce: wholeNumber('repeat'),
    })
    .option('group', {
      type: 'string',
      hidden: true,
      describe: 'The group whose folder the run goes into',
      coerce: once('group'),
    })
    .option('gate', {
      type: 'boolean',
      default: false,
      describe: 'Then judge it against --history, as bench gate does',
    })
    .option('confirm', CONFIRM);
  return realClusterOptions(gateOptions(own))
    .example('$0 run smoke', 'a small run on the embedded simulated cluster')
    .example('$0 run scenarios/10k-mixed.yaml --json > summary.json', 'figures for a program')
    .example('$0 run S --repeat 5', 'five runs in a group, for bench compare')
    .example('$0 run S --twin twin.yaml', 'on the simulated twin of a measured cluster')
    .example('$0 run S --context prod --allow-exec', 'let it run the programs that S names')
    .example('$0 run S --set steps.0.clone.count=200', 'the same scenario, with 200 clones');
}

/** What matters on a real cluster only. */
export function realClusterOptions(yargs: Argv): Argv {
  const own = connectionOptions(yargs).option('yes', YES).option('strict', {
    type: 'boolean',
    default: false,
    describe: 'Do not start where a check of the cluster warns; --gate: fail on suspicion too',
  });
  return realRunOptions(own);
}

/** All that `bench run` does once its command line is read. */
export async function runScenario(
  session: Session,
  args: ArgumentsCamelCase<RunArguments>,
): Promise<void> {
  checkCounts(args);
  if (args.gate) checkGate(args);
  checkRunId(args.runId);
  const choice = connectionChoice(args);
  refuseTwin(args.twin, choice);
  checkPrometheus(args.prometheus, choice);
  const scenario = loadOrTell(session, args);
  if (scenario === undefined) return session.finish(EXIT.usage);
  checkExternal(scenario, { allowExec: args.allowExec, isEmbedded: choice === undefined });
  checkFree(args.results, scenario.name, args.runId);
  const seed = args.seed ?? scenario.simulation.seed ?? DEFAULT_SEED;
  const asked = { scenario, seed, choice };
  const isSimulated = choice === undefined;
  const stem = isSimulated ? `seed-${seed}` : stampedRunId(session.host.clock.wallUs());
  const free = (name: string) =>
    isSimulated ? freeRunId(args.results, scenario.name, name) : name;
  const one = runMaker(session, args, asked);
  if (args.repeat === 1) {
    const made = await one({ runId: args.runId ?? free(stem), repeat: 1, group: args.group });
    if (made?.suspicion === undefined) return;
    const { folder, suspicion: verdict } = made;
    const output: GateOutput = args.json ? 'aside' : 'words';
    const given = { ...(args as GateArguments & typeof args), output };
    await confirmSuspect(session, { folder, verdict }, given, againMaker(session, args, asked));
    return;
  }
  const id = args.runId ?? free(`${stem}-x${args.repeat}`);
  await runGroup(session, { ...args, id, scenario: scenario.name }, one);
}

function checkCounts({ repeat, confirm, gate }: RunArguments): void {
  if (repeat < 1) throw new UsageError('--repeat takes a number of runs, at least 1');
  if (confirm === 0) return;
  if (!gate) throw new UsageError('--confirm decides what --gate suspects: give --gate too');
  if (repeat > 1) throw new UsageError('--confirm is for one run a night, not for --repeat');
}
