/** `bench run SCENARIO`: measure, write the run's folder, print the tables. */

import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { measure, type Measurement, type Setting } from '../benchmark.ts';
import type { NightlyVerdict } from '../compare/nightly/verdict.ts';
import { makePlan } from '../plan/make-plan.ts';
import { freeRunId, type RunFolder } from '../record/layout.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { cleanUpRun, tellLeftovers } from '../run/clean-up-run.ts';
import { withAccess } from './cluster-access.ts';
import type { ClusterAccess } from '../run/cluster-handle.ts';
import {
  connectionChoice,
  type ConnectionArguments,
  connectionOptions,
  HASH_NAMES,
  KEEP,
  CLEANUP_TIMEOUT,
  LOST_AFTER,
  ALLOW_EXEC,
  PROMETHEUS,
  checkPrometheus,
} from './connection-options.ts';
import { computeDemand } from '../run/demand.ts';
import { EXIT } from '../core/exit-code.ts';
import { confirmSuspect } from '../run/confirm-suspect.ts';
import { checkGate, gateAfterRun, type GateArguments } from '../run/gate.ts';
import { gateOptions } from './gate-options.ts';
import { beginRun, checkFree, checkRunId, stampedRunId } from '../run/new-run.ts';
import { once, wholeNumber } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import { runGroup, type RunOfGroup } from '../run/run-group.ts';
import { askedBy } from '../run/open-manifest.ts';
import { conclude, interruptionCodes, perform, type ShowArguments } from '../run/perform-run.ts';
import { loadOrTell } from './scenario-argument.ts';
import type { Session } from '../run/session.ts';
import { SCENARIO, SET, showOptions, YES } from './shared-options.ts';
import type { OpenedTarget } from '../run/setting.ts';
import { refuseTwin, TWIN } from './twin-option.ts';
import { checkExternal } from '../run/run-external.ts';
import { vet, type VetArguments } from '../run/vet.ts';

export interface RunArguments
  extends Omit<Partial<GateArguments>, 'strict'>,
    ConnectionArguments,
    ShowArguments,
    VetArguments {
  readonly scenario: string;
  readonly runId: string | undefined;
  readonly seed: number | undefined;
  readonly twin: string | undefined;
  readonly set: readonly string[];
  readonly gate: boolean;
  readonly confirm: number;
  readonly repeat: number;
  readonly group: string | undefined;
  readonly keep: boolean;
  readonly hashNames: boolean;
  readonly lostAfter: number | undefined;
  readonly prometheus: string | undefined;
  readonly allowExec: boolean;
  readonly cleanupTimeout: number | undefined;
}

const DEFAULT_SEED = 1;

export function runCommand(session: Session): CommandModule<object, RunArguments> {
  return {
    command: 'run <scenario>',
    describe: 'Measure; write results/...; print the tables',
    builder: (yargs) => options(yargs) as Argv<RunArguments>,
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
    .option('confirm', {
      type: 'number',
      default: 0,
      describe: '--gate: where the night is suspect, so many more runs decide; 2 is a good number',
      coerce: wholeNumber('confirm'),
    });
  return clusterOptions(gateOptions(own))
    .example('$0 run smoke', 'a small run on the embedded simulated cluster')
    .example('$0 run scenarios/10k-mixed.yaml --json > summary.json', 'figures for a program')
    .example('$0 run S --repeat 5', 'five runs in a group, for bench compare')
    .example('$0 run S --twin twin.yaml', 'on the simulated twin of a measured cluster')
    .example('$0 run S --context prod --allow-exec', 'let it run the programs that S names')
    .example('$0 run S --set steps.0.clone.count=200', 'the same scenario, with 200 clones');
}

/** What matters on a real cluster only. */
export function clusterOptions(yargs: Argv): Argv {
  return connectionOptions(yargs)
    .option('yes', YES)
    .option('strict', {
      type: 'boolean',
      default: false,
      describe: 'Do not start where a check of the cluster warns; --gate: fail on suspicion too',
    })
    .option('keep', KEEP)
    .option('lost-after', LOST_AFTER)
    .option('prometheus', PROMETHEUS)
    .option('allow-exec', ALLOW_EXEC)
    .option('cleanup-timeout', CLEANUP_TIMEOUT)
    .option('hash-names', HASH_NAMES);
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
    // Their answers would be taken for those of the night.
    const screen = { ...session.screen, print: () => {} };
    const silent = { ...args, gate: false, report: false };
    const again = runMaker({ ...session, screen }, silent, asked);
    await confirmSuspect(session, { folder, verdict }, args as GateArguments & typeof args, again);
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

interface Asked {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly choice: ReturnType<typeof connectionChoice>;
}

/** Each repeat is another draw of the simulated cluster; a real one differs by itself. */
function runMaker(session: Session, args: RunArguments, { scenario, seed, choice }: Asked) {
  return async ({ runId, repeat, group }: RunOfGroup): Promise<MeasuredInto> => {
    if (choice === undefined) {
      const target = await session.openTarget(scenario, { seed: seed + repeat - 1 });
      return measureInto(session, args, { scenario, runId, target, group });
    }
    let measured: MeasuredInto;
    await withAccess(session, choice, async (access) => {
      measured = await runOnCluster(session, args, { scenario, seed, access, runId, group });
    });
    return measured;
  };
}

type MeasuredInto =
  | (Measurement & {
      readonly folder: RunFolder;
      /** More runs are to decide it; nothing was told of it. */
      readonly suspicion?: NightlyVerdict | undefined;
    })
  | undefined;

async function runOnCluster(
  session: Session,
  args: RunArguments,
  {
    scenario,
    seed,
    access,
    runId,
    group,
  }: {
    scenario: Scenario;
    seed: number;
    access: ClusterAccess;
    runId: string;
    group: string | undefined;
  },
): Promise<MeasuredInto> {
  const plan = makePlan(scenario, { runId });
  const demand = computeDemand(scenario, plan);
  if (!(await vet(session, access, demand, args))) {
    session.finish(...interruptionCodes(session));
    return undefined;
  }
  const target = await session.openTarget(scenario, {
    seed,
    access,
    hashNames: args.hashNames,
    lostAfterUs: args.lostAfter,
    prometheus: args.prometheus,
    allowExec: args.allowExec,
    deletionDeadlineUs: args.cleanupTimeout,
  });
  const measured = await measureInto(session, args, { scenario, runId, target, group });
  if (measured === undefined) return undefined;
  if (args.keep || measured.lost) {
    tellLeftovers(session, runId);
    return measured;
  }
  const { namespaces } = demand;
  await cleanUpRun(session, access, measured.folder, {
    namespaces,
    timeoutUs: args.cleanupTimeout,
  });
  session.finish(...interruptionCodes(session));
  return measured;
}

interface Chosen {
  readonly scenario: Scenario;
  readonly runId: string;
  readonly target: OpenedTarget;
  /** The group that the run is one of. */
  readonly group: string | undefined;
}

/** Measures, and shows what came out; undefined where the run failed in a way that was told. */
async function measureInto(
  session: Session,
  args: RunArguments,
  { scenario, runId, target, group }: Chosen,
): Promise<MeasuredInto> {
  const { screen } = session;
  const asked = askedBy(scenario, runId);
  const { folder, manifest } = beginRun(session, { runId, asked, target, args, group });
  screen.tell(`run ${runId}: ${target.description}`);
  const start = (setting: Setting) => measure(scenario, folder, setting);
  const performance = { start, folder, target, manifest };
  const measurement = await perform(session, args, performance);
  if (measurement === undefined) return undefined;
  await conclude(session, args, performance, measurement);
  const suspicion = args.gate
    ? gateAfterRun(session, folder, args as GateArguments & RunArguments)
    : undefined;
  screen.tell(`results: ${folder.path}`);
  return { ...measurement, folder, suspicion };
}
